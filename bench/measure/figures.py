"""What the measurements give, as it is saved. ms, s, bytes and counts are in the names; by program: see targets."""

from collections.abc import Sequence

import msgspec


class Latency(msgspec.Struct, frozen=True):
    """ms from when a message was due."""

    p50: float
    p99: float
    p999: float
    max: float


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """One phase of load. rate: asked for, messages a second (0: as fast as they are acknowledged).

    lost: never got by the other person; repeated, reordered: over both receivers; refused: answered with an
    error; closed: sockets that the server closed. cpu_s: by program. generator_cpu: cores that the generator used.
    late_ms: how far behind its own schedule the generator sent, p99.
    """

    rate: float
    seconds: float
    sent: int
    delivered: int
    acknowledged: int
    lost: int
    repeated: int
    reordered: int
    refused: int
    closed: int
    delivery: Latency | None
    acknowledgement: Latency | None
    cpu_s: dict[str, float]
    generator_cpu: float
    late_ms: float

    def cpu_ms_a_message(self, programs: Sequence[str] | None = None) -> float:
        """Of these programs, or of all but PostgreSQL and Redis."""
        names = programs or [name for name in self.cpu_s if name not in ("postgres", "redis")]
        return sum(self.cpu_s.get(name, 0.0) for name in names) / max(self.sent, 1) * 1000


class Idle(msgspec.Struct, frozen=True):
    """pss_bytes: by program, before any socket and with `sockets` of them."""

    sockets: int
    failed: int
    before_bytes: dict[str, int]
    pss_bytes: dict[str, int]

    @property
    def kib_a_socket(self) -> float:
        """PostgreSQL and Redis apart."""
        grown = sum(
            self.pss_bytes[name] - self.before_bytes[name]
            for name in self.pss_bytes
            if name not in ("postgres", "redis")
        )
        return grown / max(self.sockets, 1) / 1024


class Connects(msgspec.Struct, frozen=True):
    """From login cookie to ready socket. cpu_s: by program."""

    sockets: int
    failed: int
    seconds: float
    cpu_s: dict[str, float]

    @property
    def a_second(self) -> float:
        return self.sockets / self.seconds if self.seconds else 0.0


class Round(msgspec.Struct, kw_only=True):
    """A target measured once. saturation: the trial at the highest rate that it held; trials: all of them."""

    target: str
    at: str
    rates: list[Load] = []
    saturation: Load | None = None
    trials: list[Load] = []
    in_flight: Load | None = None
    connects: Connects | None = None
    idle: list[Idle] = []
    remarks: list[str] = []
