"""The auth program of the quick run (`tests/quick.py`)."""

import runpy

from services.auth import hashing

if __name__ == "__main__":
    hashing.MEMORY_KIB, hashing.ITERATIONS = 8, 1
    runpy.run_module("services.auth", run_name="__main__")
