"""The heads of HTTP messages between our own programs: written in one way, and read as written.

What browsers send is aiohttp's to read. Here nothing of theirs comes through: a request's head is made from scratch.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from multidict import CIMultiDict

from shared.plumbing.telemetry import traces

_REQUEST = re.compile(r"([A-Z]+) (/[!-~]*) HTTP/1\.1")
_HEADER = re.compile(r"([A-Za-z0-9-]+): ([ -~]*)")
_WITHOUT_BODY = frozenset({204, 304})


class NotHttpError(Exception):
    """It is not what our programs write."""


class Plain(NamedTuple):
    """A request's head as `request_head` writes it."""

    method: str
    target: str
    headers: "CIMultiDict[str]"


def request_head(
    what: str,
    program: str,
    token: str,
    more: Iterable[tuple[str, str]] = (),
    *,
    request_id: str | None = None,
    address: str | None = None,
) -> bytes:
    """The head of a call to `program`, with its empty line. what: method and target. address: of the browser."""
    head = f"{what} HTTP/1.1\r\nHost: {program}\r\nAuthorization: Bearer {token}\r\n"
    if request_id is not None:
        head += f"X-Request-Id: {request_id}\r\n"
    if address is not None:
        head += f"X-Forwarded-For: {address}\r\n"
    if traces.tracer is not None and (span := traces.current()) is not None:
        head += f"{traces.HEADER}: {span.place.traceparent}\r\n"
    for name, value in more:
        head += f"{name}: {value}\r\n"
    return f"{head}\r\n".encode("latin-1", "replace")


def json_body(body: bytes) -> tuple[tuple[str, str], ...]:
    """The lines of a head before a body of JSON."""
    return (("Content-Type", "application/json"), ("Content-Length", str(len(body))))


def open_head(target: str, program: str) -> bytes:
    """The head of a GET that needs no identity: health."""
    return f"GET {target} HTTP/1.1\r\nHost: {program}\r\n\r\n".encode()


def json_call(what: str, program: str) -> "re.Pattern[bytes]":
    """Matches what `request_head` writes for a JSON body that the gateway forwards. Groups: the token, the length."""
    lines = (
        rf"{re.escape(what)} HTTP/1\.1",
        rf"Host: {re.escape(program)}",
        r"Authorization: Bearer ([A-Za-z0-9._-]+)",
        r"X-Request-Id: [ -~]*",
        r"X-Forwarded-For: [ -~]*",
        r"Content-Type: application/json",
        r"Content-Length: ([0-9]{1,4})",
    )
    return re.compile("\r\n".join([*lines, "\r\n"]).encode())


def read_request(head: bytes) -> Plain:
    """A request's head without its empty line. Raises NotHttpError."""
    try:
        first, *lines = head.decode("ascii").split("\r\n")
    except UnicodeDecodeError:
        raise NotHttpError("not ASCII") from None
    request, fields = _REQUEST.fullmatch(first), [_HEADER.fullmatch(line) for line in lines]
    if request is None or None in fields:
        raise NotHttpError("not plain")
    return Plain(request[1], request[2], CIMultiDict((field[1], field[2]) for field in fields if field))


def bearer(headers: Mapping[str, str]) -> str:
    """The caller's token; "" for none."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def read_answer(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    """Status and headers (names in lower case) of an answer's head without its empty line. Raises NotHttpError."""
    first, *lines = head.split(b"\r\n")
    if not first.startswith(b"HTTP/1.1 ") or not first[9:12].isdigit():
        raise NotHttpError("not an HTTP answer")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    return int(first[9:12]), headers


def body_length(status: int, headers: Mapping[bytes, bytes]) -> int:
    """The length of an answer's body. Raises NotHttpError if the head does not say."""
    if status in _WITHOUT_BODY:
        return 0
    length = headers.get(b"content-length", b"")
    if status < 200 or not length.isdigit() or b"transfer-encoding" in headers:
        raise NotHttpError("an answer without a length")
    return int(length)
