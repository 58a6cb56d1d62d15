"""The wheel: it holds what the programs read, and nothing else; and Duet runs from it, far from any checkout."""

import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import aiohttp
import pytest

from shared.testing.product import REPOSITORY, Product, free_port
from shared.version import VERSION

pytestmark = pytest.mark.system

PACKAGES = ("deploy/", "gateway/", "services/", "shared/")
NOT_READ = re.compile(
    r".*/tests/.*|shared/testing/.*|deploy/(compose|kubernetes|monitoring)/.*"
    r"|deploy/local/.*\.sh"
    r"|gateway/.*\.d\.ts"
    r"|services/game/native/(.*\.[ch]|requirements\..*)"
)
"""What git tracks below the packages and no program reads: a new kind of file is in the wheel, or here."""


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    if not (REPOSITORY / ".git").exists():
        pytest.skip("not a clone: what git tracks cannot be told")
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=REPOSITORY, text=True)
    return [file for file in listed.split("\0") if file and (REPOSITORY / file).is_file()]


@pytest.fixture(scope="module")
def wheel(tracked: list[str], server_directory: Path) -> Path:
    """Built from a copy of what git tracks, since setuptools leaves its own files where it builds."""
    source, target = server_directory / "source", server_directory / "wheel"
    for file in (file for file in tracked if file.startswith(PACKAGES) or "/" not in file):
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / file, source / file)
    build = f"from setuptools.build_meta import build_wheel; build_wheel({str(target)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(source)
    [built] = target.glob("*.whl")
    return built


def test_the_wheel_holds_what_git_tracks_but_for_tests_and_sources(tracked: list[str], wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        [about] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = archive.read(about).decode()
    wanted = {file for file in tracked if file.startswith(PACKAGES) and not NOT_READ.fullmatch(file)}
    assert sorted(wanted ^ held) == []
    assert f"\nVersion: {VERSION}\n" in metadata
    assert "\nLicense-Expression: MIT\n" in metadata
    assert {"embedded", "server", "tracing"} <= set(re.findall(r"^Provides-Extra: (.*)$", metadata, re.M))


def test_the_lock_pins_everything_that_the_package_asks_for() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["embedded"], *extras["server"], *extras["tracing"]]
    names = {re.split(r"[^\w.-]", one)[0].lower() for one in wanted}
    pinned = set(re.findall(r"^([\w.-]+)==", (REPOSITORY / "requirements.lock").read_text(), re.M))
    assert names <= pinned


@pytest.fixture
def duet(wheel: Path, tmp_path: Path) -> Path:
    """The command of the wheel in an environment of its own, which borrows this one's other packages."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install"]
    subprocess.run([*pip, "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True)
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    return environment / "bin" / "duet"


async def test_an_installed_duet_runs_on_an_empty_directory_and_is_drained(
    duet: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    port = free_port()
    kept = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")
    process = subprocess.Popen(  # noqa: ASYNC220  # as Product takes it
        [duet, "run"],
        env={name: os.environ[name] for name in kept if name in os.environ}
        | {"HOME": str(home), "DUET_PORT": str(port), "DUET_RELAYS": "1", "DUET_END_WITH_PARENT": "1"},
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    product = Product(process, port, home / ".local" / "share" / "duet")
    try:
        product.wait_until_ready()
        async with aiohttp.ClientSession(product.url, raise_for_status=True) as http:
            async with http.get("/login") as answer:
                page = await answer.text()
            assert "Log in" in page
            parts = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
            assert len(parts) > 3
            for part in parts:
                await http.get(part)
        assert [path.name for path in home.iterdir()] == [".local"]
    finally:
        status = product.stop()
    assert (status, product.output[-1]) == (0, "Duet has stopped")
    assert product.names() == []
