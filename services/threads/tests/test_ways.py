"""There are several ways into the log, by what a batch holds; whatever is appended, each way ends the same."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import structs

from services.threads.queries import appends
from services.threads.queries.appends import Pair, Row, Stored
from services.threads.rules import Outcome
from services.threads.tests import plans
from shared.plumbing.postgres.database import Connection, Database
from shared.wire import change_decoder
from shared.wire.changes import DELETE, EDIT, REACTION, Delete, Edit, React
from shared.wire.messages import MESSAGE
from shared.wire.previews import PREVIEW, Preview

MAX_EDITS = 2
ALONE, EACH_ALONE, TOGETHER = (1, 2), (3, 4), (5, 6)
SIX = (ALONE, EACH_ALONE, TOGETHER, (7, 8), (9, 10), (11, 12))
BY_TARGET = (
    "SELECT to_jsonb(s) - 'thread_id' - 'edited_at' - 'deleted_at', s.edited_at IS NULL, s.deleted_at IS NULL"
)
STATES = f"{BY_TARGET} FROM message_states AS s JOIN threads AS t ON t.id = s.thread_id WHERE t.low = $1 ORDER BY s.seq"
EVENTS = """
SELECT e.seq, e.sender_id - t.low, e.low_sent, e.high_sent, e.client_id, e.kind, e.body, e.target, e.digest,
    e.deleted_at IS NULL, e.freed, e.attachments
FROM events AS e JOIN threads AS t ON t.id = e.thread_id WHERE t.low = $1 ORDER BY e.seq
"""
THREAD = "SELECT head, last_message, low_sent, high_sent FROM threads WHERE low = $1"
NOTED = """
SELECT n FROM outbox, unnest(lows, firsts, heads) AS grown (low, first, head), generate_series(first, head) AS n
WHERE grown.low = $1 ORDER BY n
"""


@pytest.fixture
async def db(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(appends, "MAX_EDITS", MAX_EDITS)
    async with plans.opened(database_url) as opened:
        yield opened


def _anything(chance: random.Random, earlier: Sequence[Row]) -> Row:
    """Between 1 and 2. Of a dozen targets, so that most were changed before; now and then a repeat, or nearly one.

    Each third message has an attachment, of one of two names, which are nothing to a repeat; three edits of ten have
    no text.
    """
    if earlier and chance.random() < 0.25:
        again = chance.choice(earlier)
        alike = chance.choice([row for row in earlier if row.kind == again.kind])
        if chance.random() < 0.5:
            return structs.replace(alike, client_id=again.client_id)
        if again.kind == MESSAGE and chance.random() < 0.5:
            return structs.replace(again, attachments=_attachments(chance))
        return again
    target = chance.randint(1, 12)
    kind = chance.choices([MESSAGE, EDIT, REACTION, PREVIEW, DELETE], [3, 8, 6, 3, 1])[0]
    link, of = chance.choice(["", "https://a.example"]), chance.choice([target, chance.randint(1, 40)])
    body = {
        MESSAGE: f"text {chance.random()}",
        EDIT: change_decoder.encode(
            Edit(target, f"edited {chance.random()}" if chance.random() < 0.7 else "")
        ),
        REACTION: change_decoder.encode(React(target, chance.choice(["\u2764\ufe0f", "\U0001f44d", None]))),
        PREVIEW: change_decoder.encode(Preview(target, of, link, link and "A page")),
        DELETE: change_decoder.encode(Delete(target)),
    }[kind]
    if kind == MESSAGE and chance.random() < 0.7:
        target = 0
    client_id = UUID(int=chance.getrandbits(128))
    attachments = _attachments(chance) if kind == MESSAGE else None
    return Row(ALONE, chance.choice(ALONE), kind, client_id, body, target, attachments)


def _attachments(chance: random.Random) -> str | None:
    id, name, alt = (chance.choice(each) for each in (("a", "b"), ("cat", "dog"), ("", ',"alt":"it"')))
    return f'[{{"id":"{id}","name":"{name}"{alt}}}]' if chance.random() < 0.35 else None


def _between(pair: Pair, row: Row) -> Row:
    return structs.replace(row, pair=pair, sender=pair[ALONE.index(row.sender)])


async def _together(conn: Connection, rows: Sequence[Row]) -> list[Stored]:
    """By the function for a batch with changes, whatever they are."""
    targets, attachments = [row.target for row in rows], [row.attachments for row in rows]
    asked = (*appends._columns(rows), targets, MAX_EDITS, attachments)
    return appends._stored(await conn.fetch(appends._APPEND_EACH, *asked))


async def _alone(conn: Connection, row: Row) -> Stored:
    [stored] = await appends.append(conn, [row])
    assert stored is not None
    return stored


def _said(stored: Stored) -> tuple[Any, ...]:
    return stored.outcome, stored.seq, stored.deleted_at is None


async def _left(conn: Connection, low: int) -> list[list[Any]]:
    return [[tuple(row) for row in await conn.fetch(query, low)] for query in (STATES, EVENTS, THREAD, NOTED)]


@pytest.mark.parametrize("seed", [0, 3, 4, 5])
async def test_changes_alone_and_in_batches_of_any_size_end_the_same(db: Database, seed: int) -> None:
    chance = random.Random(seed)
    rows: list[Row] = []
    while len(rows) < 300:
        rows.append(_anything(chance, rows))
    async with db.connection() as conn:
        await appends.make_threads(conn, [ALONE, EACH_ALONE, TOGETHER])
        alone = [await _alone(conn, row) for row in rows]
        each = [(await _together(conn, [_between(EACH_ALONE, row)]))[0] for row in rows]
        batched: list[Stored] = []
        while len(batched) < len(rows):
            batch: dict[UUID, Row] = {}
            for row in rows[len(batched) : len(batched) + chance.randint(1, 24)]:
                if row.client_id in batch:
                    break
                batch[row.client_id] = _between(TOGETHER, row)
            batched += await _together(conn, list(batch.values()))
        assert [_said(one) for one in each] == [_said(one) for one in alone]
        assert [_said(one)[:2] for one in batched] == [_said(one)[:2] for one in alone]
        left = [await _left(conn, low) for low, _ in (ALONE, EACH_ALONE, TOGETHER)]
    assert left[1] == left[0]
    assert left[2] == left[0]
    assert [n for (n,) in left[0][3]] == list(range(1, left[0][2][0][0] + 1))
    assert {one.outcome for one in alone} >= set(Outcome) - {Outcome.AHEAD}


async def test_changes_of_several_threads_in_one_batch_keep_to_their_own(db: Database) -> None:
    chance = random.Random(9)
    rows = [_anything(chance, []) for _ in range(120)]
    pairs = [EACH_ALONE, TOGETHER]
    async with db.connection() as conn:
        await appends.make_threads(conn, [ALONE, *pairs])
        alone = [await _alone(conn, row) for row in rows]
        mixed = [_between(pair, row) for row in rows for pair in pairs]
        answers = [
            one for start in range(0, 240, 40) for one in await _together(conn, mixed[start : start + 40])
        ]
        assert [_said(one)[:2] for one in answers] == [_said(one)[:2] for one in alone for _ in pairs]
        left = [await _left(conn, low) for low, _ in (ALONE, *pairs)]
    assert left[1] == left[0]
    assert left[2] == left[0]


async def test_changes_from_two_connections_leave_no_gap_and_are_each_stored_once(db: Database) -> None:
    """Both send the same ones, good and bad, at once; nobody waits for the other for ever."""
    chance = random.Random(5)
    rows = [Row(ALONE, 1, MESSAGE, UUID(int=number), "text") for number in range(1, 13)]
    changes = [
        row for row in (_anything(chance, []) for _ in range(240)) if row.target and row.kind != DELETE
    ]

    async def send(conn: asyncpg.Connection) -> list[Stored]:
        return [await _alone(conn, row) for row in changes]

    async with db.connection() as one, db.connection() as two:
        await appends.make_threads(one, [ALONE])
        await appends.append(one, rows)
        answers = await asyncio.wait_for(asyncio.gather(send(one), send(two)), 60)
        head = (await one.fetchrow(THREAD, 1))[0]
        seqs = [row[0] for row in await one.fetch(EVENTS, 1)]
    assert seqs == list(range(1, head + 1))
    both = [sorted(stored.outcome.value for stored in pair) for pair in zip(*answers, strict=True)]
    assert both.count([b"n", b"r"]) == head - len(rows)
    assert all(pair == [b"n", b"r"] or pair[0] == pair[1] != b"n" for pair in both), both


def _message(chance: random.Random, earlier: Sequence[Row]) -> Row:
    """In one of six threads. Now and then a repeat, or another text under a client_id that was used."""
    if earlier and chance.random() < 0.1:
        again = chance.choice(earlier)
        return again if chance.random() < 0.5 else structs.replace(again, body="another")
    pair = chance.choice(SIX)
    return Row(
        pair, chance.choice(pair), MESSAGE, UUID(int=chance.getrandbits(128)), f"text {chance.random()}"
    )


async def test_a_few_messages_end_as_many_do_with_repeats_among_them(db: Database) -> None:
    chance = random.Random(3)
    batches: list[list[Row]] = []
    earlier: list[Row] = []
    while len(batches) < 120:
        batch = {
            (row := _message(chance, earlier)).client_id: row for _ in range(chance.choice((1, 2, 2, 3, 10)))
        }
        batches.append(list(batch.values()))
        earlier += batch.values()
    assert sum(len(batch) > 1 and appends._are_few(batch) for batch in batches) > 30
    offset = 20  # of the threads in which all go through the function for many
    async with db.connection() as conn:
        pairs = SIX
        await appends.make_threads(conn, [*pairs, *((low + offset, high + offset) for low, high in pairs)])
        for rows in batches:
            few = await appends.append(conn, rows)
            elsewhere = [
                structs.replace(
                    row, pair=(row.pair[0] + offset, row.pair[1] + offset), sender=row.sender + offset
                )
                for row in rows
            ]
            many = appends._stored(await conn.fetch(appends._APPEND, *appends._columns(elsewhere)))
            assert [one and (one.outcome, one.seq) for one in few] == [(one.outcome, one.seq) for one in many]
        for low, _ in pairs:
            assert await _left(conn, low) == await _left(conn, low + offset)


async def test_of_a_few_messages_those_whose_thread_is_missing_are_left_out(db: Database) -> None:
    same = UUID(int=1)  # one client_id may be used in several threads
    rows = [Row(pair, pair[0], MESSAGE, same, "text") for pair in (TOGETHER, ALONE, EACH_ALONE)]
    async with db.connection() as conn:
        await appends.make_threads(conn, [ALONE, TOGETHER])
        stored = await appends.append(conn, rows)
        assert [one and one.seq for one in stored] == [1, 1, None]
        heads = [
            await conn.fetchval("SELECT head FROM threads WHERE low = $1", low)
            for low, _ in (ALONE, TOGETHER)
        ]
    assert heads == [1, 1]


async def test_batches_of_any_size_over_the_same_threads_never_wait_for_each_other_for_ever(
    db: Database,
) -> None:
    """PostgreSQL would end one of two that do after a second. Ids rise as pairs fall, and the other way round."""
    pairs = [(low, low + 1) for low in range(2, 22, 2)]
    async with db.connection() as one, db.connection() as two, db.connection() as three:
        for pair in reversed(pairs):
            await appends.make_threads(one, [pair])

        async def send(conn: Connection, chance: random.Random, size: int) -> None:
            for _ in range(60):
                chosen = chance.sample(pairs, size)
                rows = [
                    Row(pair, pair[0], MESSAGE, UUID(int=chance.getrandbits(128)), "text") for pair in chosen
                ]
                if size == len(pairs):
                    await appends.mark(conn, {pair: appends.Said(low_read=1) for pair in chosen})
                assert None not in await appends.append(conn, rows)

        await asyncio.gather(
            send(one, random.Random(1), 4),
            send(two, random.Random(2), 8),
            send(three, random.Random(3), len(pairs)),
        )
        heads = [head for (head,) in await one.fetch("SELECT head FROM threads ORDER BY low")]
    assert sum(heads) == 60 * (4 + 8 + len(pairs))
