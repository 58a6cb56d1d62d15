"""Anything that is not a frame of the contract, or not even a websocket frame, gets the right close code or error."""

import pytest

from tests.conftest import MakePerson
from tests.security.conftest import OpenSocket
from tests.security.wrong_frames import WRONG, answer_of

_TIMES = 3


async def test_each_kind_of_wrong_frame_is_answered_as_it_must_be(
    person: MakePerson, open_socket: OpenSocket, subtests: pytest.Subtests
) -> None:
    somebody, peer = await person(), await person()
    for name, make in WRONG.items():
        with subtests.test(name):
            for _ in range(_TIMES):
                content, expected = make(peer.username)
                async with open_socket(somebody) as raw:
                    await raw.send(content)
                    assert await answer_of(raw) == expected
    _, log = await somebody.call("GET", f"/api/threads/{peer.username}/messages")
    assert (log["messages"], log["head"]) == ([], 0)
