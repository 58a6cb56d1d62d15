"""Compares what was acknowledged, what each device applied and what PostgreSQL holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.chaos.device import Device
from tests.chaos.message import Outgoing
from tests.chaos.pair import Pair
from tests.chaos.stored import Stored, StoredThread

KINDS = ("lost", "duplicated", "reordered", "leaked", "gap", "undelivered", "refused")
"""What can be wrong. undelivered: still missing at the end; refused: rejected for good without cause."""

_SHOWN = 20


@dataclass
class Verdict:
    """All counts are 0 if the promise held. evidence: one sentence each, for the first few."""

    acknowledged: int = 0
    applied: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    evidence: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.counts.values())

    def blame(self, kind: str, sentence: str) -> None:
        self.counts[kind] += 1
        if len(self.evidence) < _SHOWN:
            self.evidence.append(f"{kind}: {sentence}")


def judge(pairs: Iterable[Pair], threads: Iterable[StoredThread]) -> Verdict:
    """threads: all that hold a message of these pairs."""
    verdict = Verdict()
    by_client_id = {event.client_id: thread for thread in threads for event in thread.events}
    for pair in pairs:
        own = {by_client_id[id].id: by_client_id[id] for id in pair.messages if id in by_client_id}
        if len(own) > 1:
            verdict.blame("leaked", f"{pair.names} wrote into the threads {sorted(own)}")
        thread = next(iter(own.values()), StoredThread(0, 0, []))
        _judge_log(verdict, pair, thread)
        _judge_acknowledgements(verdict, pair, thread)
        for device in pair.devices:
            _judge_device(verdict, device, thread)
    return verdict


def _judge_log(verdict: Verdict, pair: Pair, thread: StoredThread) -> None:
    seqs = [event.seq for event in thread.events]
    if seqs != list(range(1, len(seqs) + 1)) or thread.head != len(seqs):
        verdict.blame("gap", f"{pair.names}: head {thread.head}, {len(seqs)} rows, last seq {seqs[-1:]}")
    seen: set[str] = set()
    numbers: dict[str, int] = {}
    ids: dict[str, int] = {}
    for event, message in _known(pair, thread):
        if message is None or event.text != message.text:
            verdict.blame("leaked", f"{pair.names}: seq {event.seq} holds {event.text!r}, which nobody wrote")
            continue
        if event.client_id in seen:
            verdict.blame("duplicated", f"{pair.names}: {message.text!r} is stored twice")
        elif message.number <= numbers.get(message.sender, 0):
            verdict.blame("reordered", f"{message.text!r} after number {numbers[message.sender]}")
        if ids.setdefault(message.sender, event.sender) != event.sender:
            verdict.blame("leaked", f"{message.text!r} is stored under another user's id")
        seen.add(event.client_id)
        numbers[message.sender] = message.number


def _known(pair: Pair, thread: StoredThread) -> Iterator[tuple[Stored, Outgoing | None]]:
    """The thread's messages, each with what was sent."""
    return ((event, pair.messages.get(event.client_id)) for event in thread.events if event.kind == "message")


def _judge_acknowledgements(verdict: Verdict, pair: Pair, thread: StoredThread) -> None:
    stored = {event.client_id: event for event in thread.events}
    for message in pair.messages.values():
        if message.acknowledged_at:
            verdict.acknowledged += 1
            event = stored.get(message.client_id)
            if event is None or event.seq != message.seq:
                where = f"is at {event.seq}" if event else "is not there"
                verdict.blame("lost", f"{message.text!r} was acknowledged at {message.seq} and {where}")
        if message.refusal:
            verdict.blame("refused", f"{message.text!r}: {message.refusal}")


def _judge_device(verdict: Verdict, device: Device, thread: StoredThread) -> None:
    log = device.log
    verdict.applied += len(log.entries)
    for kind, sentence in log.breaches:
        verdict.blame(kind, f"{device.me}: {sentence}")
    for leak in device.leaks:
        verdict.blame("leaked", f"{device.me} saw {leak}")
    stored = {event.seq: event for event in thread.events}
    for entry in log.entries:
        event = stored.get(entry.seq)
        if event is None or event.client_id != entry.client_id or event.text not in (entry.text, ""):
            verdict.blame("lost", f"{device.me} applied {entry.text!r} at {entry.seq}, which is not stored")
    if device.ended:
        return
    if missing := len(thread.events) - len(log.entries):
        verdict.blame("undelivered", f"{device.me} misses {missing} of {len(thread.events)} at the end")
    if waiting := device.outbox.waiting:
        verdict.blame("undelivered", f"{len(waiting)} sends of {device.me} were never answered")
