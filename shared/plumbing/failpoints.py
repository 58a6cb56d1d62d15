"""Named places where a test lets a program die, hang or fail; off unless DUET_FAILPOINTS is set.

DUET_FAILPOINTS=threads.after_commit=kill,relay.before_write=sleep:5@3: the action, on every arrival or (`@3`)
on the third alone. Actions: `kill` (SIGKILL to ourselves), `sleep:SECONDS` (or until other points are armed), `error`
(raises FailpointError).
"""

import asyncio
import contextlib
import os
import re
import signal

import msgspec

_FORM = re.compile(
    r"(?P<name>[a-z0-9_.]+)=(?P<action>kill|error|sleep:(?P<s>\d+(\.\d+)?))(?:@(?P<nth>\d+))?\Z"
)


class FailpointError(ConnectionError):
    """What an armed point raises: to the caller it looks like a part that went away."""


class _Armed(msgspec.Struct):
    """nth: the arrival that acts; 0 is every one. arrivals: so far. over: set when it is no longer armed."""

    action: str
    sleep_s: float
    nth: int
    arrivals: int = 0
    over: asyncio.Event = msgspec.field(default_factory=asyncio.Event)


_armed: dict[str, _Armed] = {}


def parse(text: str) -> dict[str, _Armed]:
    """The points that `text` arms, in the form above. Raises ValueError."""
    points = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        match = _FORM.match(item)
        if match is None:
            raise ValueError(f"holds {item!r}, which is not a failpoint")
        points[match["name"]] = _Armed(match["action"], float(match["s"] or 0), int(match["nth"] or 0))
    return points


def arm(text: str) -> None:
    """Replaces what is armed by `text`; "" disarms all. Raises ValueError."""
    points = parse(text)
    for point in _armed.values():
        point.over.set()
    _armed.clear()
    _armed.update(points)


def arrivals(name: str) -> int:
    """How often an armed point was reached."""
    return _armed[name].arrivals


def reached(prefix: str) -> bool:
    """Whether somebody has come to an armed point whose name begins so."""
    return any(name.startswith(prefix) and point.nth <= point.arrivals for name, point in _armed.items())


async def reach(name: str) -> None:
    """Does what is armed under `name`; costs next to nothing when nothing is."""
    if _armed and (point := _armed.get(name)):
        point.arrivals += 1
        if point.nth in (0, point.arrivals):
            await _act(name, point)


def reach_at_once(name: str) -> None:
    """The same where nothing can be awaited: there `sleep` does nothing."""
    if _armed and (point := _armed.get(name)):
        point.arrivals += 1
        if point.nth in (0, point.arrivals):
            _end_or_fail(name, point)


async def _act(name: str, point: _Armed) -> None:
    _end_or_fail(name, point)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(point.sleep_s):
            await point.over.wait()


def _end_or_fail(name: str, point: _Armed) -> None:
    if point.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif point.action == "error":
        raise FailpointError(f"failpoint {name}")
