"""From a text message to a frame, or to what is wrong with it. Pure."""

import json
from typing import Any, NoReturn, get_args

import msgspec

from services.relay.transport.framing import ProtocolError
from shared.wire import codec
from shared.wire.frames import ClientFrame, Close, Do
from shared.wire.ids import fold
from shared.wire.problems import FieldError, Invalid, Malformed, Problem, UnknownFrame

_decoder: msgspec.json.Decoder[ClientFrame] = msgspec.json.Decoder(ClientFrame)
_TYPES = frozenset(kind.__struct_config__.tag for kind in get_args(ClientFrame))
_TO_APPEND = ("send", "do")


class Undecodable(Exception):
    """kind: the frame's type, if that is known. send: client_id and receiver of a send or do that is to be rejected."""

    def __init__(self, problem: Problem, kind: str = "", send: tuple[str, str] | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.kind = kind
        self.send = send


def decode(payload: bytes) -> ClientFrame:
    """Raises Undecodable, or ProtocolError (1007) if it is not JSON."""
    try:
        frame = _decoder.decode(payload)
        if type(frame) is Do:
            payload.decode()  # msgspec does not look into its body
        return frame
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        fields = _as_json(payload)
    kind = fields.get("type") if isinstance(fields, dict) else None
    if not isinstance(kind, str) or kind not in _TYPES:
        raise Undecodable(_unknown("There is no frame of this type"))
    problem = _explain(payload)
    client_id = fields.get("client_id")
    if kind not in _TO_APPEND or not isinstance(client_id, str) or not _can_be_sent(client_id):
        raise Undecodable(problem, kind)
    to = fields.get("to")
    raise Undecodable(problem, kind, (client_id, fold(to) if isinstance(to, str) else ""))


def _as_json(payload: bytes) -> Any:
    """As Python decodes it, which accepts half surrogate pairs and numbers of any size. Those are JSON too."""
    try:
        return json.loads(payload.decode(), parse_constant=_no_number)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(Close.INVALID_DATA, "this is not JSON") from error
    except RecursionError:
        raise Undecodable(_unknown("It is nested too deeply")) from None
    except ValueError:
        raise Undecodable(_unknown("It holds a number that is too long")) from None


def _no_number(name: str) -> NoReturn:
    raise ProtocolError(Close.INVALID_DATA, f"{name} is not JSON")


def _unknown(detail: str) -> UnknownFrame:
    return UnknownFrame(detail, errors=[FieldError("/type", "is not a known type of frame")])


def _explain(payload: bytes) -> Problem:
    try:
        codec.decode(payload, ClientFrame)  # type: ignore[arg-type]  # a union is not a type to mypy
    except Malformed as problem:
        return Invalid([FieldError("", "holds a value that is out of range")], problem.detail)
    except Problem as problem:
        return problem
    return UnknownFrame()


def _can_be_sent(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
