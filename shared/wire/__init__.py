"""The types that cross a process border. Imports the standard library and msgspec only."""
