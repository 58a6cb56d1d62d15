"""The compiled engine: C sources, the WebAssembly built from them, and the process that runs it."""
