"""Compares what was acknowledged, what each device applied and shows, what HTTP tells and what PostgreSQL holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.testing.folded import State
from shared.wire.changes import DELETE, EDIT
from tests.chaos.device import Device
from tests.chaos.log import ThreadLog
from tests.chaos.message import Outgoing
from tests.chaos.pair import Pair
from tests.chaos.stored import StoredThread

GRAVEST = ("lost", "duplicated", "reordered", "leaked")
OTHER = ("gap", "undelivered", "refused", "different", "undeleted")
KINDS = (*GRAVEST, *OTHER)
"""What can be wrong. undelivered: still missing at the end; refused: rejected for good without cause; different: a
device shows a message in another state than HTTP tells; undeleted: a deleted text is still, or again, there."""

_SHOWN = 20

Told = Mapping[str, Mapping[int, State]]
"""By username, the messages of their thread in the state in which HTTP tells them at the end, by seq."""


@dataclass
class Verdict:
    """All counts are 0 if the promise held. evidence: one sentence each, for the first few.

    lost_with_its_log: what was acknowledged and may be lost.
    """

    acknowledged: int = 0
    lost_with_its_log: int = 0
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


def judge(
    pairs: Iterable[Pair], threads: Iterable[StoredThread], told: Told, *, may_lose: bool = False
) -> Verdict:
    """threads: all that hold a message of these pairs.

    may_lose: what was acknowledged in a log that was replaced, since it was committed on a server that is gone.
    """
    verdict = Verdict()
    by_client_id = {event.client_id: thread for thread in threads for event in thread.events}
    for pair in pairs:
        own = {by_client_id[id].id: by_client_id[id] for id in pair.messages if id in by_client_id}
        if len(own) > 1:
            verdict.blame("leaked", f"{pair.names} wrote into the threads {sorted(own)}")
        thread = next(iter(own.values()), StoredThread(0, 0, []))
        _judge_log(verdict, pair, thread)
        _judge_acknowledgements(verdict, pair, thread, may_lose=may_lose)
        for device in pair.devices:
            _judge_device(verdict, device, thread)
            for before in device.logs_before:
                _judge_log_before(verdict, device, before, thread)
            _judge_state(verdict, device, told)
        _judge_deletions(verdict, pair, thread, told)
    return verdict


def _judge_log(verdict: Verdict, pair: Pair, thread: StoredThread) -> None:
    seqs = [event.seq for event in thread.events]
    if seqs != list(range(1, len(seqs) + 1)) or thread.head != len(seqs):
        verdict.blame("gap", f"{pair.names}: head {thread.head}, {len(seqs)} rows, last seq {seqs[-1:]}")
    seen: set[str] = set()
    numbers: dict[str, int] = {}
    ids: dict[str, int] = {}
    for event in thread.events:
        sent = pair.messages.get(event.client_id)
        if sent is None or event.kind != sent.kind or not event.is_of(sent.content):
            verdict.blame(
                "leaked", f"{pair.names}: seq {event.seq} holds {event.content}, which nobody wrote"
            )
            continue
        if event.client_id in seen:
            verdict.blame("duplicated", f"{pair.names}: {sent} is stored twice")
        elif sent.number <= numbers.get(sent.sender, 0):
            verdict.blame("reordered", f"{sent} after number {numbers[sent.sender]}")
        if ids.setdefault(sent.sender, event.sender) != event.sender:
            verdict.blame("leaked", f"{sent} is stored under another user's id")
        seen.add(event.client_id)
        numbers[sent.sender] = sent.number


def _judge_acknowledgements(verdict: Verdict, pair: Pair, thread: StoredThread, *, may_lose: bool) -> None:
    stored = {event.client_id: event for event in thread.events}
    log = pair.devices[0].log_id
    deleted = {event.seq for event in thread.events if event.deleted}
    for sent in pair.messages.values():
        if sent.acknowledged_at:
            verdict.acknowledged += 1
            event = stored.get(sent.client_id)
            if event is None and may_lose and sent.log != log:
                verdict.lost_with_its_log += 1
            elif event is None or event.seq != sent.seq:
                where = f"is at {event.seq}" if event else "is not there"
                verdict.blame("lost", f"{sent} was acknowledged at {sent.seq} and {where}")
        if sent.refusal and not _was_gone(sent, deleted):
            verdict.blame("refused", f"{sent}: {sent.refusal}")


def _was_gone(change: Outgoing, deleted: set[int]) -> bool:
    """Whether that is why it was refused, and rightly. deleted: the seqs of the thread's deleted messages."""
    return change.refusal == "gone" and change.content["target"] in deleted


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
        if event is None or event.client_id != entry.client_id or not event.is_of(entry.content):
            verdict.blame("lost", f"{device.me} applied {entry.content} at {entry.seq}, which is not stored")
    if device.ended:
        return
    if missing := len(thread.events) - len(log.entries):
        verdict.blame("undelivered", f"{device.me} misses {missing} of {len(thread.events)} at the end")
    if waiting := device.outbox.waiting:
        verdict.blame("undelivered", f"{len(waiting)} sends of {device.me} were never answered")


def _judge_log_before(verdict: Verdict, device: Device, log: ThreadLog, thread: StoredThread) -> None:
    """What a device applied of a log that was replaced: that log as it was, and nothing of the one that came after."""
    stored = {event.seq: event.client_id for event in thread.events}
    parted = False
    for entry in log.entries:
        kept = stored.get(entry.seq) == entry.client_id
        if kept and parted:
            verdict.blame(
                "different", f"{device.me} applied seq {entry.seq} of the log after upon the one before"
            )
        parted |= not kept
    ids = [entry.client_id for entry in log.entries]
    if len(set(ids)) < len(ids):
        verdict.blame("duplicated", f"{device.me} applied a message twice before the log was replaced")


def _judge_state(verdict: Verdict, device: Device, told: Told) -> None:
    """Of a device that has everything: what it has folded is what it would read anew."""
    shown, right = device.log.state.messages, told[device.me]
    if device.ended:
        return
    for seq in sorted(shown.keys() | right.keys()):
        if shown.get(seq) != right.get(seq):
            verdict.blame("different", f"{device.me} shows {shown.get(seq)} and is told {right.get(seq)}")


def _judge_deletions(verdict: Verdict, pair: Pair, thread: StoredThread, told: Told) -> None:
    targets = {event.content["target"] for event in thread.events if event.kind == DELETE}
    for event in thread.events:
        is_about = event.content.get("target") if event.kind == EDIT else event.seq
        if is_about in targets and "text" in event.content:
            verdict.blame("undeleted", f"{pair.names}: seq {event.seq} is stored as {event.content}")
    states = {f"HTTP to {name}": told[name] for name in pair.names}
    states |= {
        f"a device of {device.me}": device.log.state.messages for device in pair.devices if not device.ended
    }
    for place, messages in states.items():
        for seq in targets & messages.keys():
            if "text" in messages[seq]:
                verdict.blame("undeleted", f"{place} has {messages[seq]}")
