"""Ten thousand frames that are wrong in every way we know, beside people who chat."""

import asyncio
import random
from collections import Counter
from urllib.parse import urlsplit

from shared.testing.rawsocket import RawSocket, frame, raw_socket
from tests.chaos.run import Run
from tests.chaos.scenario import scenario
from tests.security.wrong_frames import WRONG, answer_of

_FRAMES = 10_000
_SENDERS = 8
_WARM_UP = 1000
_MOST_MIB = 48.0


class Wrongdoer:
    """answers: what came, by kind of frame, where it was not what must come."""

    def __init__(self, run: Run) -> None:
        parts = urlsplit(run.instance.public_url)
        assert parts.port is not None
        self._port, self._host = parts.port, parts.netloc
        self.sent: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    async def send(self, cookie: str, peer: str, count: int) -> None:
        """`count` frames, over a new socket after each that ends one."""
        while count > 0:
            async with raw_socket(self._port) as raw:
                if await raw.upgrade("/messages", self._host, f"Cookie: {cookie}") != 101:
                    self.answers["handshake"] += 1
                    return
                await raw.send(frame(b'{"type":"hello"}'))
                assert await answer_of(raw) == "welcome"
                while count > 0 and await self._one(raw, peer):
                    count -= 1
            count -= 1

    async def _one(self, raw: RawSocket, peer: str) -> bool:
        """Whether the socket is still open."""
        name = random.choice(list(WRONG))
        content, expected = WRONG[name](peer)
        await raw.send(content)
        answer = await answer_of(raw)
        self.sent[name] += 1
        if answer != expected:
            self.answers[f"{name}: {answer}"] += 1
        return not expected.isdigit() and answer == expected


@scenario("bad-frames")
async def bad_frames(run: Run) -> None:
    """10,000 wrong frames: each gets the right close code or error, nothing crashes, memory stays flat."""
    before = {name: run.instance.product.pid(name) for name in run.instance.product.names()}
    wrongdoer = Wrongdoer(run)
    people = [pair for pair in run.crowd.pairs for _ in range(_SENDERS)][:_SENDERS]

    async def send(count: int) -> None:
        await asyncio.gather(
            *(wrongdoer.send(pair.people[0].cookie, pair.names[1], count // _SENDERS) for pair in people)
        )

    await send(_WARM_UP)
    run.memory.mark()
    await run.inject("bad frames", f"{_FRAMES}", lambda: send(_FRAMES))
    program, growth = run.memory.most_grown()
    sent = sum(wrongdoer.sent.values())
    answers = ", ".join(f"{text} ({times})" for text, times in wrongdoer.answers.most_common(5))
    run.measure(
        "answered otherwise than they must", wrongdoer.answers.total(), 0, f"of {sent} {answers}".strip()
    )
    run.measure("kinds that were never sent", len(set(WRONG) - set(wrongdoer.sent)), 0, f"of {len(WRONG)}")
    run.measure("most growth, of " + program, growth, _MOST_MIB, "MiB")
    died = [name for name, pid in before.items() if run.instance.product.pid(name) != pid]
    run.measure("programs that died", len(died), 0, f"{died}")
