"""Builds engine.wasm: `make engine`. Needs ziglang from PyPI, whose clang produces the same bytes everywhere.

What is loaded is held against the digest written then.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BINARY = HERE / "engine.wasm"
DIGEST = HERE / "engine.sha256"
SOURCES = ("common.c", "lines.c", "ultimate.c")
_FLAGS = (
    "--target=wasm32-freestanding",
    "-mcpu=generic+bulk_memory+sign_ext+nontrapping_fptoint",
    "-O3",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-nostdlib",
    "-Wl,--no-entry",
    "-Wl,--strip-all",
    "-Wl,-z,stack-size=1048576",
)


class WrongBinaryError(Exception):
    """engine.wasm is not the one that was built."""


def binary() -> bytes:
    """What engine.wasm holds. Raises WrongBinaryError, OSError."""
    found = BINARY.read_bytes()
    if _line_of_binary(found) not in DIGEST.read_text().splitlines(keepends=True):
        raise WrongBinaryError(f"{BINARY} does not fit {DIGEST.name}: get it again, or run make engine")
    return found


def digest() -> str:
    """SHA-256 of the sources and of the binary, in hex, one per line."""
    sources = hashlib.sha256(" ".join(_FLAGS).encode())
    for name in ("engine.h", *SOURCES):
        sources.update((HERE / name).read_bytes())
    return f"{sources.hexdigest()} sources\n{_line_of_binary(BINARY.read_bytes())}"


def _line_of_binary(found: bytes) -> str:
    return f"{hashlib.sha256(found).hexdigest()} {BINARY.name}\n"


def main() -> None:
    """Compiles, and records the digests."""
    command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, "-o", BINARY.name, *SOURCES]
    subprocess.run(command, cwd=HERE, check=True)
    DIGEST.write_text(digest())


if __name__ == "__main__":
    main()
