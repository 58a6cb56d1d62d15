"""What a program loads when it starts."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("program", ["gateway", "services.relay"])
def test_a_program_without_a_database_loads_no_driver_of_one(program: str) -> None:
    code = f"import sys, {program}.app; print('asyncpg' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout == "False\n"
