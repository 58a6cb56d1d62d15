"""Time in a game, in milliseconds. Pure: the present is passed in."""

from datetime import datetime, timedelta

import msgspec

from shared.wire.games import Clock, ClockSetting
from shared.wire.tictactoe import Side


def started(setting: ClockSetting) -> Clock:
    """A clock that is not running yet."""
    ms = setting.initial_s * 1000
    return Clock(setting.initial_s, setting.increment_s, x_ms=ms, o_ms=ms)


def setting(clock: Clock) -> ClockSetting:
    """What it was started with."""
    return ClockSetting(initial_s=clock.initial_s, increment_s=clock.increment_s)


def left_ms(clock: Clock, side: Side, now: datetime) -> int:
    """What `side` has left; 0 when its flag is down."""
    ms = clock.x_ms if side == "X" else clock.o_ms
    if clock.running == side and clock.since is not None:
        ms -= (now - clock.since) // timedelta(milliseconds=1)
    return max(0, ms)


def flag_at(clock: Clock) -> datetime | None:
    """When the flag of the side whose time is running falls."""
    if clock.running is None or clock.since is None:
        return None
    return clock.since + timedelta(milliseconds=clock.x_ms if clock.running == "X" else clock.o_ms)


def switched(clock: Clock, to: Side | None, now: datetime, *, moved: bool = False) -> Clock:
    """Lets the time of `to` run from now on. moved: the other side gets its increment."""
    bonus_ms = clock.increment_s * 1000 if moved else 0
    return msgspec.structs.replace(
        clock,
        x_ms=left_ms(clock, "X", now) + (bonus_ms if clock.running == "X" else 0),
        o_ms=left_ms(clock, "O", now) + (bonus_ms if clock.running == "O" else 0),
        running=to,
        since=now if to else None,
    )
