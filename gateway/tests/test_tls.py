"""What goes through the gateway to programs on other hosts goes by TLS."""

from pathlib import Path

import pytest

from gateway.tests.conftest import Start
from gateway.tests.fakes import EchoRelay, Fake, RecordingService, Somebody
from gateway.tests.sockets import socket
from shared.plumbing.app import listen
from shared.plumbing.transport import tls
from shared.plumbing.transport.address import Address
from shared.testing.authority import Authority, put
from shared.testing.product import free_port
from shared.wire.ids import uuid7


async def elsewhere(program: Fake) -> str:
    """Where it listens besides, as it would on another host."""
    port = free_port()
    assert program._runner is not None
    await listen(program._runner, Address(host="127.0.0.1", port=port), tls.listener())
    return f"http://127.0.0.1:{port}"


async def test_sockets_calls_and_uploads_go_over_tls(
    start: Start,
    relay: EchoRelay,
    threads: RecordingService,
    media: RecordingService,
    ann: Somebody,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    directory = put(tmp_path / "tls", Authority(tmp_path, "ours"))
    monkeypatch.setattr(tls, "_armed", tls.Certificates(directory))
    gateway = await start(
        relay_urls=f"relay-1={await elsewhere(relay)}",
        threads_url=await elsewhere(threads),
        media_url=await elsewhere(media),
    )
    async with socket(gateway, ann) as opened:
        for text in ("one", "x" * 60_000):
            await opened.send_str(text)
            assert (await opened.receive()).data == text
    assert (await gateway.call("GET", "/api/threads", headers=gateway.cookie(ann))).json == {"fine": True}
    path = f"/api/threads/bob/attachments?client_id={uuid7()}&name=a.txt"
    headers = {**gateway.cookie(ann), "Origin": gateway.url}
    sent = await gateway.call("POST", path, headers=headers, data=b"x" * 300_000)
    assert sent.json == {"fine": True}
    assert len(media.received[-1].body) == 300_000
    monkeypatch.setattr(tls, "_armed", None)
    plain = await gateway.call("POST", path, headers=headers, data=b"x")
    assert plain.status in (502, 503)
