"""`python -m services.game.native.worker`: questions on standard input, answers on standard output, until it closes.

Both are msgpack behind four bytes of length, big-endian. The first answer, empty, says that it is ready.
"""

import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from services.game.native.library import Library
from services.game.native.question import Found, Question

_PATIENCE_S = 10


def serve(source: BinaryIO, sink: BinaryIO, study: Callable[[Question], list[Found]]) -> None:
    """Answers one question after the other."""
    decoder = msgspec.msgpack.Decoder(Question)
    _write(sink, [])
    while head := source.read(4):
        question = decoder.decode(source.read(int.from_bytes(head, "big")))
        # If the service is killed meanwhile, nobody else would end a search that hangs.
        signal.alarm(int(question.time_limit_s or 0) + _PATIENCE_S)
        _write(sink, study(question))
        signal.alarm(0)


def _write(sink: BinaryIO, found: list[Found]) -> None:
    body = msgspec.msgpack.encode(found)
    sink.write(len(body).to_bytes(4, "big") + body)
    sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, Library().study)
