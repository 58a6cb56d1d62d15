"""What `make` says where Duet cannot run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.settings import REPOSITORY

BOOTSTRAP = REPOSITORY / "deploy" / "local" / "bootstrap.sh"


def refusal(directory: Path, **environment: str) -> str:
    """Of a checkout that has no environment yet."""
    script = directory / "deploy" / "local" / "bootstrap.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(BOOTSTRAP, script)
    done = subprocess.run([script, "run"], env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert not (directory / ".venv").exists()
    return done.stderr


def executable(path: Path, script: str) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("version", ["(3, 10, 9)", "(3, 15, 0)"])
def test_a_python_that_is_not_supported_is_refused_by_its_number(tmp_path: Path, version: str) -> None:
    ours = f"import sys; sys.version_info = {version}; exec(sys.argv[1])"
    python = executable(tmp_path / "bin" / "python", f"shift; exec {sys.executable} -c '{ours}' \"$@\"")
    number = ".".join(re.findall(r"\d+", version)[:2])
    said = refusal(tmp_path / "checkout", PYTHON=python)
    assert f"Duet needs Python 3.11 to 3.14, and {python} is {number}." in said


def test_a_platform_without_wheels_is_refused_by_its_name(tmp_path: Path) -> None:
    uname = "case $1 in -s) echo Darwin ;; *) echo x86_64 ;; esac"
    executable(tmp_path / "bin" / "uname", uname)
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    assert "this is Darwin on x86_64" in refusal(tmp_path / "checkout", PATH=path, PYTHON=sys.executable)


def test_the_package_wants_the_same_pythons() -> None:
    project = (REPOSITORY / "pyproject.toml").read_text()
    assert 'requires-python = ">=3.11,<3.15"' in project
    assert "(3, 11) <= sys.version_info[:2] < (3, 15)" in BOOTSTRAP.read_text()
