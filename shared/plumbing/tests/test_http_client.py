"""The client against a server that answers whatever a test says, byte for byte."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.plumbing.http.client import HttpClient
from shared.plumbing.transport.address import Address
from shared.wire.problems import Unavailable

_REQUEST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
_END = b""
"""Instead of an answer, or after one: the connection ends."""


class Server:
    """answers: what each request gets, in pieces; then `_OK` forever. asked: the connection of each request."""

    def __init__(self) -> None:
        self.answers: list[tuple[bytes, ...]] = []
        self.asked: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.asked.append(writer)
                for piece in self.answers.pop(0) if self.answers else (_OK,):
                    writer.write(piece)
                    await writer.drain()
                    if piece == _END:
                        return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[HttpClient]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    opened = HttpClient("x", Address(host="127.0.0.1", port=listening.sockets[0].getsockname()[1]), 0.5)
    yield opened
    opened.close()
    listening.close()


async def test_a_connection_is_kept_for_the_next_request(server: Server, client: HttpClient) -> None:
    server.answers = [tuple(_OK[at : at + 1] for at in range(len(_OK)))]
    for _ in range(3):
        assert (await client.ask(_REQUEST)).body == b"{}"
    assert len(set(server.asked)) == 1


@pytest.mark.parametrize("may_repeat", [True, False])
async def test_a_request_on_a_kept_connection_that_dies_is_sent_again_if_it_can_bear_that(
    server: Server, client: HttpClient, may_repeat: bool
) -> None:
    """As when the program is restarted between two requests."""
    server.answers = [(_OK,), (_END,)]
    await client.ask(_REQUEST)
    if may_repeat:
        assert (await client.ask(_REQUEST)).body == b"{}"
    else:
        with pytest.raises(Unavailable):
            await client.ask(_REQUEST, may_repeat=False)
    assert len(server.asked) == 3 if may_repeat else 2


@pytest.mark.parametrize(
    "pieces",
    [
        (_OK[:20], _END),
        (_OK[:-1], _END),
        (_OK + _OK,),
        (_OK[:-1],),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + _OK,),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n",),
        (b"x" * 20_000,),
        (b"SSH-2.0\r\n\r\n",),
    ],
)
async def test_after_anything_but_one_whole_answer_the_connection_is_not_used_again(
    server: Server, client: HttpClient, pieces: tuple[bytes, ...]
) -> None:
    server.answers = [pieces]
    with pytest.raises(Unavailable):
        await client.ask(_REQUEST)
    assert len(server.asked) == 1, "half an answer may mean that it was done"
    assert (await client.ask(_REQUEST)).body == b"{}"
    assert server.asked[1] is not server.asked[0]


async def test_what_comes_unasked_answers_no_request(server: Server, client: HttpClient) -> None:
    await client.ask(_REQUEST)
    server.asked[0].write(_OK.replace(b"{}", b"[]"))
    async with asyncio.timeout(2):
        await server.asked[0].wait_closed()
    assert (await client.ask(_REQUEST)).body == b"{}"
    assert server.asked[1] is not server.asked[0]


@pytest.mark.parametrize("pieces", [(), (_OK[:-1],)])
async def test_a_request_given_up_leaves_nothing_for_the_next(
    server: Server, client: HttpClient, pieces: tuple[bytes, ...]
) -> None:
    server.answers = [pieces]
    given_up = asyncio.create_task(client.ask(_REQUEST))
    while not server.asked:
        await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    async with asyncio.timeout(2):
        await server.asked[0].wait_closed()
    assert (await client.ask(_REQUEST)).body == b"{}"
    assert server.asked[1] is not server.asked[0]
