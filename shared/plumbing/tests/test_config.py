"""Settings: from the environment, typed, with secrets hidden."""

from pathlib import Path

import pytest

from shared.plumbing.settings.config import BaseConfig, printable, read
from shared.plumbing.transport.address import Address, named

A, B = "postgresql:///a", "postgresql:///b"


class Example(BaseConfig, frozen=True, kw_only=True):
    postgres_url: str
    idle_timeout_s: float = 5.0
    slow: bool = False


@pytest.mark.parametrize(
    ("text", "value"), [("on", True), ("true", True), ("1", True), ("off", False), ("0", False)]
)
def test_a_switch_has_several_words(text: str, value: bool) -> None:
    assert read(Example, {"DUET_LISTEN": "x:1", "DUET_POSTGRES_URL": A, "DUET_SLOW": text}).slow is value


def test_a_services_own_setting_goes_before_the_shared_one() -> None:
    environ = {"DUET_LISTEN": "127.0.0.1:1", "DUET_POSTGRES_URL": A, "DUET_AUTH_POSTGRES_URL": B}
    assert read(Example, environ, prefer="auth").postgres_url == B
    assert read(Example, environ, prefer="threads").postgres_url == A


def test_numbers_and_paths_are_converted() -> None:
    environ = {
        "DUET_LISTEN": "x:1",
        "DUET_POSTGRES_URL": A,
        "DUET_IDLE_TIMEOUT_S": "7.5",
        "DUET_DATA_DIR": "d",
    }
    config = read(Example, environ)
    assert config.idle_timeout_s == 7.5
    assert config.keys == Path("d/keys")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"DUET_LISTEN": "x:1"}, "DUET_POSTGRES_URL is not set"),
        ({"DUET_LISTEN": "x:1", "DUET_POSTGRES_URL": A, "DUET_IDLE_TIMEOUT_S": "soon"}, "idle_timeout_s"),
        (
            {"DUET_LISTEN": "x:1", "DUET_POSTGRES_URL": A, "DUET_RATE_LIMITS": "no"},
            "DUET_RATE_LIMITS must be on or off, not 'no'",
        ),
    ],
)
def test_what_is_missing_or_unusable_ends_the_program_by_name(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SystemExit, match=words):
        read(Example, environ)


def test_passwords_are_not_printed() -> None:
    config = Example(listen="x:1", postgres_url="postgresql://duet:secret@db/duet")
    assert "secret" not in printable(config)
    assert "DUET_POSTGRES_URL=postgresql://duet:***@db/duet" in printable(config)


def test_what_stands_in_a_file_counts_like_the_variable_and_is_not_printed(tmp_path: Path) -> None:
    (tmp_path / "own").write_text(f"{B}\n")
    environ = {
        "DUET_LISTEN": "x:1", "DUET_POSTGRES_URL": A, "DUET_AUTH_POSTGRES_URL_FILE": str(tmp_path / "own")
    }  # fmt: skip
    config = read(Example, environ, prefer="auth")
    assert config.postgres_url == B
    shown = printable(config, environ, prefer="auth").splitlines()
    assert f"DUET_AUTH_POSTGRES_URL_FILE={tmp_path}/own" in shown
    assert "DUET_LISTEN=x:1" in shown
    assert not any(B in line for line in shown)


def test_addresses_are_unix_sockets_or_hosts_with_ports() -> None:
    assert Address.parse("unix:/run/a.sock") == Address(path="/run/a.sock")
    assert (
        Address.parse("http://10.0.0.1:80")
        == Address.parse("10.0.0.1:80")
        == Address(host="10.0.0.1", port=80)
    )
    assert named("relay-1=unix:/a,relay-2=h:1") == {
        "relay-1": Address(path="/a"),
        "relay-2": Address(host="h", port=1),
    }
    with pytest.raises(ValueError, match="not an address"):
        Address.parse("nonsense")
