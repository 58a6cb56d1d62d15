"""Headers with bytes that are not UTF-8: they mean nothing and do no harm."""

import json

import pytest

from gateway.tests.conftest import Start
from shared.testing.people import PASSWORD, fresh_name


@pytest.mark.parametrize("header", ["User-Agent: x", "Cookie: duet_{port}=", "Cookie: duet_device_{port}="])
async def test_bytes_that_are_no_utf8_in_a_header_change_no_answer(
    start: Start, real_auth: str, header: str
) -> None:
    gateway = await start(auth_url=real_auth)
    odd = header.format(port=gateway.port).encode() + b"\xff\xfe"
    body = json.dumps({"username": fresh_name(), "password": PASSWORD}).encode()
    for line, content, status in (
        (b"POST /api/accounts", body, 201),
        (b"POST /api/session", body, 200),
        (b"GET /api/session", b"", 401),
    ):
        connection = await gateway.raw()
        host = b"Host: 127.0.0.1:%d" % gateway.port
        length = b"Content-Type: application/json\r\nContent-Length: %d" % len(content)
        await connection.send(b"\r\n".join([line + b" HTTP/1.1", host, odd, length, b"", content]))
        assert (await connection.answer()).status == status
