"""Every websocket protocol case, through the gateway and its tunnel to the relay."""

import contextlib
import json

import pytest

from shared.testing.rawsocket import CLOSE, PING, PONG, TEXT, RawSocket, closing, frame
from tests.conftest import MakePerson
from tests.security.autobahn import cases
from tests.security.conftest import OpenSocket
from tests.security.protocol_case import Case, Control, Expected

_LAST = b"still there?"


async def _next(raw: RawSocket) -> Expected:
    found = await raw.frame()
    if found is None:
        return 1006
    if found.opcode == CLOSE:
        return found.code
    if found.opcode == TEXT:
        return str(json.loads(found.payload)["type"])
    assert found.opcode == PONG, found
    return Control(found.payload)


@pytest.fixture(scope="session")
def case_ids() -> list[str]:
    return [case.id for case in cases()]


def test_no_case_stands_twice(case_ids: list[str]) -> None:
    assert sorted(case_ids) == sorted(set(case_ids))


@pytest.mark.parametrize("group", ["1", "2", "3", "4", "5", "6", "7", "9", "10"])
async def test_each_case_of_a_group_is_answered_as_the_protocol_says(
    group: str, person: MakePerson, open_socket: OpenSocket, subtests: pytest.Subtests
) -> None:
    somebody = await person()
    for case in cases():
        if case.id.partition(".")[0] == group:
            with subtests.test(case.id):
                async with open_socket(somebody) as raw:
                    await _play(case, raw)


async def _play(case: Case, raw: RawSocket) -> None:
    with contextlib.suppress(ConnectionError):  # closed before all was sent: the close code says why
        for chunk in case.sends:
            await raw.send(chunk)
    answers = [await _next(raw) for _ in case.expects]
    assert answers == list(case.expects)
    if answers and isinstance(answers[-1], int):
        with contextlib.suppress(ConnectionError):
            await raw.send(closing(answers[-1]))
        assert await raw.ended(within_s=1.0)
    else:
        await raw.send(frame(_LAST, PING))
        assert await _next(raw) == Control(_LAST)
