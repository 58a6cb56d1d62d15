"""Redis by TLS, to a real server: a URL means to us what it means to redis-py, and a refusal says what is wrong."""

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from shared.plumbing.redis.connection import RedisConnection
from shared.plumbing.redis.faults import fault_of
from shared.plumbing.settings.known import SettingError, given
from shared.testing.authority import Authority
from shared.testing.product import free_port
from shared.testing.redis_client import client

_SERVER = shutil.which("redis-server") or shutil.which("redis-check-rdb")
"""Debian's redis-tools has the server under the second name; the one of the wheel is built without TLS."""
_PATIENT_S = 30.0
_RUN = [asyncio.run, uvloop.run]

Run = Callable[[Coroutine[Any, Any, Any]], Any]


class Secured:
    """A Redis with TLS. options: of a URL that it takes."""

    def __init__(self, directory: Path) -> None:
        self.ours, self.other = Authority(directory, "ours"), Authority(directory, "other")
        self.port, self.demanding = free_port(), free_port()
        self.client = self.ours.give("client")
        self.stranger = self.other.give("stranger")

    def url(self, host: str = "localhost", port: int = 0, **options: object) -> str:
        chosen = {"ssl_ca_certs": self.ours.ca, **options}
        return f"rediss://{host}:{port or self.port}/1?" + "&".join(
            f"{name}={value}" for name, value in chosen.items()
        )


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second is not enough for a handshake on a busy machine."""
    monkeypatch.setattr("shared.plumbing.redis.server._CONNECT_TIMEOUT_S", _PATIENT_S)


@pytest.fixture(scope="module")
def secured(server_directory: Path) -> Iterator[Secured]:
    """One that demands no client certificate and one that does."""
    if _SERVER is None:
        pytest.skip("no Redis with TLS is installed (Debian: redis-tools)")
    directory = server_directory / "tls"
    directory.mkdir()
    made = Secured(directory)
    certificate, key = made.ours.give("server", "localhost")
    processes = [
        subprocess.Popen(
            ["redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", made.ours.ca,
             "--tls-auth-clients", demands],
            executable=_SERVER, stdout=subprocess.DEVNULL,
        )
        for port, demands in ((made.port, "no"), (made.demanding, "yes"))
    ]  # fmt: skip
    for port in (made.port, made.demanding):
        _wait_for(port)
    yield made
    for process in processes:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


async def _by_both(url: str) -> list[Any]:
    """An answer, or what was wrong, of our client and of redis-py's."""
    said: list[Any] = []
    ours, theirs = RedisConnection(url, _PATIENT_S), client(url)
    for ask in (ours.ask(("ECHO", "mine")), theirs.echo("mine")):
        try:
            said.append(await ask)
        except Exception as error:
            said.append(fault_of(error).sentence)
    ours.close()
    await theirs.aclose()
    return said


def test_both_clients_trust_the_authority_of_the_url(secured: Secured) -> None:
    run = uvloop.run  # as the programs do
    assert run(_by_both(secured.url())) == [[b"mine"], b"mine"]
    certificate, key = secured.client
    url = secured.url(port=secured.demanding, ssl_certfile=certificate, ssl_keyfile=key, ssl_min_version=772)
    given({"DUET_REDIS_URL": url})
    assert run(_by_both(url)) == [[b"mine"], b"mine"]
    assert run(_by_both(secured.url("127.0.0.1", ssl_check_hostname="false"))) == [[b"mine"], b"mine"]


@pytest.mark.parametrize("run", _RUN)
def test_both_clients_say_what_is_wrong_with_a_certificate(secured: Secured, run: Run) -> None:
    certificate, key = secured.stranger
    for url, wrong in (
        (secured.url(ssl_ca_certs=secured.other.ca), "not signed by an authority that is trusted here"),
        (secured.url("127.0.0.1"), "for another host name"),
        (secured.url(port=secured.demanding), "client certificate"),
        (
            secured.url(port=secured.demanding, ssl_certfile=certificate, ssl_keyfile=key),
            "client certificate",
        ),
    ):
        ours, theirs = run(_by_both(url))
        assert wrong in ours, url
        assert wrong in theirs or "was lost" in theirs, url  # redis-py may write before it reads why


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ("ssl_ca_cert=/ca.pem", "has the option ssl_ca_cert; known are"),
        ("socket_timeout=3", "has the option socket_timeout; known are"),
        ("ssl_ca_certs=/no/such/file", "has an ssl_ca_certs that is not there"),
        ("ssl_ca_certs=/etc/passwd", "has an ssl_ca_certs that cannot be used"),
        ("ssl_ca_path=/etc/passwd", "has an ssl_ca_path that is not there"),
        ("ssl_certfile=/etc/passwd", "has an ssl_certfile that cannot be used"),
        ("ssl_keyfile=/etc/passwd", "must have an ssl_certfile"),
        ("ssl_cert_reqs=maybe", "has an ssl_cert_reqs that cannot be used"),
        ("ssl_check_hostname=maybe", "has an ssl_check_hostname that is neither true nor false"),
        ("ssl_min_version=TLSv1.2", "ssl_min_version"),
        ("ssl_min_version=5", "has an ssl_min_version that cannot be used"),
        ("ssl_ciphers=none-such", "has an ssl_ciphers that cannot be used"),
        ("ssl_ca_certs=", "has an empty ssl_ca_certs"),
        ("db=one", "must have a number as db"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_by_name(options: str, wrong: str) -> None:
    with pytest.raises(SettingError, match=f"^DUET_REDIS_URL .*{wrong}"):
        given({"DUET_REDIS_URL": f"rediss://cache?{options}"})


def test_options_of_tls_without_tls_are_refused() -> None:
    for url in ("redis://cache?ssl_ca_certs=/etc/passwd", "unix:///run/a.sock?ssl_cert_reqs=none"):
        with pytest.raises(SettingError, match="must begin with rediss://"):
            given({"DUET_REDIS_URL": url})


def test_the_password_of_a_key_is_not_shown() -> None:
    with pytest.raises(SettingError) as refused:
        given({"DUET_REDIS_URL": "rediss://cache?ssl_certfile=/etc/passwd&ssl_password=secret"})
    assert "secret" not in str(refused.value)
