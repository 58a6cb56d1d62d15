import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from deploy.documents import SERVICES
from deploy.local import config_check
from deploy.local.settings import OWNERS_OF_DATA, REPOSITORY, from_environment, relays_here
from deploy.local.table import environment
from shared.plumbing.settings.config import BaseConfig
from shared.plumbing.settings.known import KNOWN, OF_PROGRAMS, SettingError, given


def test_everything_has_a_default() -> None:
    settings = from_environment({})
    assert (settings.bind, settings.port, settings.relays) == ("127.0.0.1", 8000, relays_here())
    assert 1 <= settings.relays <= 4
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.data_dir == REPOSITORY / "var"
    assert settings.needs_embedded_postgres


@pytest.mark.parametrize(
    ("bind", "url", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:81", "127.0.0.1"),  # noqa: S104
        ("::", "http://[::1]:81", "::1"),
        ("0:0:0:0:0:0:0:0", "http://[::1]:81", "::1"),
        ("0:0::1", "http://[::1]:81", "0:0::1"),
        ("192.0.2.4", "http://192.0.2.4:81", "192.0.2.4"),
        ("duet.lan", "http://duet.lan:81", "duet.lan"),
    ],
)
def test_the_address_shown_is_one_that_can_be_typed(bind: str, url: str, address: str) -> None:
    settings = from_environment({"DUET_BIND": bind, "DUET_PORT": "81"})
    assert (settings.public_url, settings.address) == (url, address)


def test_no_embedded_database_when_each_service_has_one() -> None:
    urls = {f"DUET_{name}_POSTGRES_URL": f"postgresql:///{name}" for name in map(str.upper, OWNERS_OF_DATA)}
    settings = from_environment(urls)
    assert not settings.needs_embedded_postgres
    assert settings.given_postgres_urls == sorted(urls.values())


@pytest.mark.parametrize("name", ["DUET_SHARD_URLS", "DUET_THREADS_SHARD_URLS"])
def test_a_log_over_several_servers_is_not_one_database(name: str) -> None:
    """Which a backup would take for all that there is."""
    shards = ["postgresql:///two", "postgresql:///three"]
    settings = from_environment({"DUET_POSTGRES_URL": "postgresql:///one", name: " ".join(shards)})
    assert settings.given_postgres_urls == sorted(["postgresql:///one", *shards])
    assert not settings.one_database
    assert from_environment({name: shards[0]}).needs_embedded_postgres
    assert not from_environment({name: shards[0]}).one_database


def test_what_stands_in_a_file_stays_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is told the file, not the secret; what the supervisor itself decides counts, whatever a file says."""
    (tmp_path / "url").write_text("postgresql://duet:secret@db/duet\n")
    (tmp_path / "listen").write_text("127.0.0.1:1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUET_POSTGRES_URL_FILE", "url")
    monkeypatch.setenv("DUET_LISTEN_FILE", "listen")
    settings = from_environment()
    assert settings.given_postgres_urls == ["postgresql://duet:secret@db/duet"]
    told = environment("threads", settings)
    assert told["DUET_POSTGRES_URL_FILE"] == str(tmp_path / "url")
    assert not {"DUET_POSTGRES_URL", "DUET_LISTEN_FILE"} & told.keys()
    assert given(told)["DUET_POSTGRES_URL"] == "postgresql://duet:secret@db/duet"
    assert given(told)["DUET_LISTEN"].endswith("threads.sock")


def test_the_printed_settings_do_not_show_what_stands_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DUET_POSTGRES_URL", "DUET_AUTH_POSTGRES_URL"):
        (tmp_path / name).write_text("postgresql://duet@hidden/duet")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
    assert config_check.main() == 0
    said = capsys.readouterr().out
    assert "hidden" not in said
    assert f"postgres_url = (in {tmp_path}/DUET_POSTGRES_URL)" in said


def test_each_program_has_its_metrics_at_a_port_of_its_own() -> None:
    settings = from_environment({"DUET_METRICS_LISTEN": "127.0.0.1:9100", "DUET_RELAYS": "2"})
    names = ["gateway", *OWNERS_OF_DATA, "relay-1", "relay-2"]
    told = [environment(name, settings)["DUET_METRICS_LISTEN"] for name in names]
    assert told == [f"127.0.0.1:{port}" for port in range(9100, 9100 + len(names))]
    assert not environment("redis", settings)["DUET_METRICS_LISTEN"]


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "8 0", "٣"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(SettingError, match=r"^DUET_PORT must be a whole number from 1 to 65535, not"):
        from_environment({"DUET_PORT": port})


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DUET_POSTGRES_URL", "mysql://duet:secret@db/duet"),
        ("DUET_REDIS_URL", "http://cache"),
        ("DUET_PUBLIC_URL", "duet.example"),
    ],
)
def test_a_url_of_another_kind_is_refused_without_showing_its_password(name: str, url: str) -> None:
    with pytest.raises(SettingError, match=rf"^{name} must begin with") as refusal:
        from_environment({name: url})
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("package", ["gateway", *(f"services.{name}" for name in SERVICES)])
def test_every_field_of_a_programs_config_is_a_setting(package: str) -> None:
    """Otherwise every other program takes it for a misspelt one, or lets anything pass."""
    kinds = vars(import_module(f"{package}.config")).values()
    [config] = [kind for kind in kinds if isinstance(kind, type) and kind.__base__ is BaseConfig]
    fields = {field.name.upper() for field in msgspec.structs.fields(config)}
    assert fields <= set(OF_PROGRAMS)


def test_every_setting_in_the_documentation_is_one() -> None:
    named = re.findall(r"^\| (`DUET_.*?) \|", (REPOSITORY / "docs/settings.md").read_text(), re.M)
    names = {name for cell in named for name in re.findall(r"`(DUET_[A-Z_]+)`", cell)}
    assert len(names) > 20
    assert names <= set(KNOWN)


@pytest.mark.parametrize("verb", ["run", "backup"])
def test_a_setting_that_cannot_be_is_refused_before_anything_starts(tmp_path: Path, verb: str) -> None:
    told = {name: value for name, value in os.environ.items() if not name.startswith("DUET_")}
    told |= {"DUET_DATA_DIR": str(tmp_path / "var"), "DUET_PUBLIC_URL": "http://duet.lan/chat"}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", verb], env=told, cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "DUET_PUBLIC_URL must be scheme, host and port, and nothing else, not" in done.stderr + done.stdout
    assert not (tmp_path / "var").exists()
