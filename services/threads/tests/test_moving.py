"""Slots move while people write, and whatever dies meanwhile, the log is whole."""

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from services.threads.leveling import moves
from services.threads.queries import appends, consumers, outbox, search
from services.threads.queries.appends import Said
from services.threads.queries.snapshots import Snapshot
from services.threads.shard_server import MovingError
from services.threads.shards import slot_of
from services.threads.tests.two_shards import STEPS, Two, said
from shared.plumbing import failpoints
from shared.wire.ids import MAX_SEQ

_OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
PAIRS = [(n, n + 7) for n in range(1, 13)]
_FILES = '[{"id": "f", "name": "cat.jpg", "type": "image/jpeg", "size": 7, "alt": "a cat"}]'
_STATES = """
INSERT INTO member_states (owner, peer, draft, muted_until, archived_through, marked_unread, threadless) VALUES
    (1, 8, 'a draft', NULL, NULL, true, false), (8, 1, NULL, '9999-12-31', 3, false, true),
    (1, 900, 'to somebody new', NULL, NULL, false, true)
"""


async def rich(two: Two) -> None:
    """A thread of all that there is, and others of one message."""
    first = PAIRS[0]
    _, high = first
    await two.write(
        said(first, "one apple"), said(first, "two", high), said(first, "with a file", attachments=_FILES)
    )
    await two.write(said(first, "an answer", high, target=1), *(said(pair, "pear") for pair in PAIRS[1:]))
    await two.write(
        said(first, '{"target":1,"text":"one plum"}', kind="edit", target=1),
        said(first, '{"target":2,"text":"two plums"}', high, kind="edit", target=2),
        said(first, '{"target":1,"emoji":"👍"}', high, kind="reaction", target=1),
    )
    await two.index(0)
    await two.write(said(first, '{"target":2}', high, kind="delete", target=2))
    await appends.mark(two.conns[0], {first: Said(3, 2, 4, 4)})
    await two.conns[0].execute(_STATES)


async def test_everything_is_as_it_was_on_the_other_server_and_gone_from_the_first(shards: Two) -> None:
    await rich(shards)
    before = await shards.all()
    assert [len(rows) for rows in before.values()] == [12, 3, 19, 2, 14]
    await shards.move("empty", "0")
    assert await shards.slots() == [0, 256]
    assert await shards.all() == before
    assert await shards.left() == [0, 0]
    for table in ("events", "search", "message_states", "threads", "member_states", "usage", "consumers"):
        assert not await shards.conns[0].fetchval(f"SELECT count(*) FROM {table}"), table  # noqa: S608
    await shards.move("level")
    assert await shards.slots() == [128, 128]
    assert await shards.all() == before
    assert await shards.left() == [0, 0]
    held = await shards.conns[0].fetch("SELECT low, high FROM threads")
    assert 0 < len(held) < len(PAIRS)
    place = await shards.conns[0].fetchval("SELECT slots FROM settings")
    assert {slot_of((low, high)) for low, high in held} <= set(place)


async def test_what_was_not_indexed_is_indexed_after_the_move_and_counts_once(shards: Two) -> None:
    await rich(shards)
    await shards.write(said(PAIRS[0], "needle"), said(PAIRS[1], "haystack"))
    expected = await _sizes(shards)
    await shards.move("level")
    for at in (0, 1):
        await shards.index(at)
    assert await shards.usage() == expected
    await shards.move("empty", "1")
    await shards.index(0)
    assert await shards.usage() == expected
    found = await shards.conns[0].fetchval("SELECT count(*) FROM search WHERE words @@ '1/needle' ")
    assert found == 1


async def test_a_program_that_has_yet_to_read_finds_it_where_it_went_and_the_rest_where_it_was(
    shards: Two,
) -> None:
    old, new = shards.conns
    for pair in PAIRS:
        await shards.write(said(pair, "read"))
    read, _ = await consumers.begin(old, "reader")
    await shards.write(*(said(pair, "to be read") for pair in PAIRS))
    await shards.write(said(PAIRS[0], "to be read"))
    await shards.index(0)
    expected = await shards.usage()
    await shards.move("level")
    told = []
    for conn, done in ((old, read), (new, await _done(new))):
        grown = await outbox.grown(conn, done, 1000)
        found = await consumers.events(conn, [(one, consumers.Part.ALL) for one in grown.ranges])
        told += [(one.low, one.seq) for one in found]
        assert {one.body for one in found} == {"to be read"}
    assert sorted(told) == sorted([*((low, 2) for low, _ in PAIRS), (1, 3)])
    assert await old.fetchval("SELECT count(*) FROM outbox WHERE threads = '{}'") == 0
    for at in (0, 1):
        await shards.index(at)
    assert await shards.usage() == expected


async def test_what_is_written_while_it_is_copied_comes_along(shards: Two) -> None:
    await rich(shards)
    first, second = PAIRS[:2]
    failpoints.arm("threads.move_copied=sleep:60@1")
    try:
        moving = asyncio.create_task(shards.move("empty", "0"))
        await _come("threads.move_copied")
        await shards.write(
            said(first, "later"),
            said(first, '{"target":1}', kind="delete", target=1),
            said((50, 60), "begun"),
        )
        await shards.write(said(second, '{"target":1,"text":"grape"}', kind="edit", target=1))
        await shards.index(0)
        await appends.make_threads(shards.conns[0], [(70, 80)])
        await appends.mark(shards.conns[0], {first: Said(9, 9, 9, 9)})
        before = await shards.all()
    finally:
        failpoints.arm("")
    await moving
    assert await shards.slots() == [0, 256]
    assert await shards.all() == before
    assert await shards.left() == [0, 0]


async def test_a_mover_that_dies_anywhere_leaves_a_whole_log_and_the_next_one_goes_on(shards: Two) -> None:
    """Each tidies up after the one before, and dies a step later."""
    await rich(shards)
    before = await shards.all()
    gives = 0
    for step in STEPS:
        await shards.die(step, "empty", str(gives))
        held = (await shards.slots())[gives]
        assert held == (0 if step in ("threads.let_go", "threads.moved") else 256), step
        gives = gives if held else 1 - gives
        if step != "threads.let_go":  # then any process goes on, or the next mover
            assert await shards.all() == before, step
    await shards.move("empty", str(gives))
    assert (await shards.slots())[1 - gives] == 256
    assert await shards.all() == before
    assert await shards.left() == [0, 0]


async def test_what_has_arrived_stays_though_the_target_is_busy_then(shards: Two) -> None:
    """Somebody makes an index there: the source has let go, and there is nothing else."""
    await rich(shards)
    before = await shards.all()
    async with shards.conns[1].transaction():
        await shards.conns[1].execute("LOCK TABLE threads IN SHARE MODE")
        with pytest.raises(MovingError, match="the next run finishes"):
            await shards.move("empty", "0")
    await shards.move("empty", "0")
    assert await shards.slots() == [0, 256]
    assert await shards.all() == before


async def test_what_arrives_is_taken_only_with_the_word_of_who_gives_it(shards: Two) -> None:
    await rich(shards)
    before = await shards.all()
    await shards.die("threads.move_arrived", "empty", "0")
    with pytest.raises(MovingError, match="from number 0, which has to be named, too"):
        await shards.move("level", urls=shards.urls[1:])
    assert await shards.slots() == [256, 0]
    await shards.move("empty", "0")
    assert await shards.all() == before


async def test_slots_that_two_hold_are_taken_from_one_as_the_document_says(shards: Two) -> None:
    """After a failover that lost the moment in which the source let go."""
    await rich(shards)
    before = await shards.all()
    await shards.move("empty", "0")
    found = re.search(r"\n(    BEGIN;.*?COMMIT;)", _OPERATING.read_text(), re.DOTALL)
    assert found
    await shards.conns[0].execute(
        "INSERT INTO threads (id, low, high, head) OVERRIDING SYSTEM VALUE VALUES (900, 4, 900, 1), (901, 5, 901, 1)"
    )
    twice = [slot_of(pair) for pair in ((4, 900), (5, 901))]
    await shards.conns[0].execute("UPDATE settings SET slots = $1", twice)
    with pytest.raises(MovingError, match="is held by"):
        await shards.move("level")
    slots = ", ".join(map(str, twice))
    sql = found[1].replace("{7,8}", f"{{{slots}}}").replace("(7, 8)", f"({slots})")
    await shards.conns[0].execute(sql)
    assert await shards.slots() == [0, 256]
    assert await shards.all() == before
    await shards.move("level")


async def test_what_is_on_its_way_fills_up_no_page_of_a_search(shards: Two) -> None:
    """Rows of threads that are another server's, until they go."""
    two = shards.conns[0]
    for pair in PAIRS[:1], [(1, 50)]:
        await shards.write(said(pair[0], "needle"))
    await shards.index(0)
    newest = (datetime(9999, 1, 1, tzinfo=UTC), MAX_SEQ, MAX_SEQ)
    [hit] = await search.find(two, 1, "'1/needle'", None, newest, 1)
    assert (hit.low, hit.high) == (1, 50)
    await two.execute("INSERT INTO strays SELECT id FROM threads WHERE high = 50")
    await two.execute("DELETE FROM threads WHERE high = 50")
    [hit] = await search.find(two, 1, "'1/needle'", None, newest, 1)
    assert (hit.low, hit.high) == PAIRS[0]


async def test_rows_that_are_whole_nowhere_else_are_kept(shards: Two) -> None:
    await rich(shards)
    await shards.die("threads.some_tidied", "empty", "0")
    lost = await shards.conns[1].fetchval(
        "DELETE FROM events WHERE ctid = (SELECT max(ctid) FROM events) RETURNING thread_id"
    )
    await shards.move("empty", "0")
    assert any("kept" in line for line in shards.told)
    assert await shards.conns[0].fetch("SELECT thread_id FROM strays") == [(lost,)]


async def test_what_cannot_be_moved_is_said_and_nothing_is_done(shards: Two, empty_database_url: str) -> None:
    first, second = shards.conns
    refused = {
        ("empty", "7"): ([], "7 is none of the servers"),
        ("level",): ([*shards.urls, shards.urls[0]], "named twice"),
        ("level", "7"): ([], "say `shards`"),
        ("shards",): ([shards.urls[0], empty_database_url], "the schema"),
    }
    for arguments, (urls, sentence) in refused.items():
        with pytest.raises(MovingError, match=sentence):
            await shards.move(*arguments, urls=urls)
    await first.execute("UPDATE settings SET slots = slots[2:]")
    with pytest.raises(MovingError, match="slot 0 is held by none"):
        await shards.move("level")
    await second.execute("UPDATE settings SET slots = '{0, 1}'")
    with pytest.raises(MovingError, match="slot 1 is held by"):
        await shards.move("level")
    await second.execute("UPDATE settings SET slots = NULL")
    with pytest.raises(MovingError, match="not known to the log yet"):
        await shards.move("level")
    assert await shards.slots() == [255, 0]


async def test_who_is_too_far_behind_to_be_moved_along_is_named(
    shards: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.threads.moving._WAITING", 1)
    monkeypatch.setattr("services.threads.moving._PATIENCE_S", 0)
    first, second = shards.conns
    await consumers.begin(first, "reader")
    for _ in range(2):
        await shards.write(said(PAIRS[0]))
    await shards.index(0)
    with pytest.raises(MovingError, match="reader has yet to read 2 batches"):
        await shards.move("level")
    await first.execute("DELETE FROM consumers WHERE program = 'reader'")
    await second.execute("UPDATE indexing SET renewed_thread = 1")
    with pytest.raises(MovingError, match="are being made anew"):
        await shards.move("level")
    await second.execute("UPDATE indexing SET renewed_thread = 0")
    assert await shards.slots() == [256, 0]
    await shards.move("level")


async def test_somebody_who_reads_the_settings_for_long_is_waited_for_without_the_others(
    shards: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As pg_dump does."""
    monkeypatch.setattr("services.threads.moving._TRY_AGAIN_S", 0.01)
    monkeypatch.setitem(_session(), "lock_timeout", "50ms")
    await rich(shards)
    before = await shards.all()
    for conn, verb in zip(shards.conns, (["level"], ["empty", "0"]), strict=True):
        reading = conn.transaction()
        await reading.start()
        await conn.execute("SELECT FROM settings")
        moving = asyncio.create_task(shards.move(*verb))
        while not any("once more" in line for line in shards.told):
            await asyncio.sleep(0.01)
        await reading.rollback()
        await moving
        shards.told.clear()
        assert await shards.all() == before


async def test_what_arrives_has_all_columns(shards: Two) -> None:
    async def columns(table: str) -> list[str]:
        rows = await shards.conns[0].fetch(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            table,
        )
        return [f"{name} {kind}" for name, kind in rows]

    for table, here in (("arriving_states", "member_states"), ("arriving_usage", "usage")):
        assert await columns(table) == await columns(here)
    assert await columns("arriving") == [
        column for column in await columns("threads") if not column.startswith("last_hour ")
    ]


def test_slots_go_from_those_who_have_too_many_to_those_who_have_too_few() -> None:
    held = [frozenset(range(6)), frozenset({6, 7}), frozenset[int]()]
    assert list(moves(held, [3, 3, 2])) == [(0, 1, [3]), (0, 2, [4, 5])]
    assert list(moves(held, [0, 4, 4])) == [(0, 1, [0, 1]), (0, 2, [2, 3, 4, 5])]


def _session() -> dict[str, str]:
    from services.threads.shard_server import _SESSION

    return _SESSION


async def _come(name: str) -> None:
    async with asyncio.timeout(10):
        while not failpoints.arrivals(name):
            await asyncio.sleep(0.005)


async def _done(conn: asyncpg.Connection) -> Snapshot:
    found = (await consumers.find(conn, "reader")).done
    assert found is not None
    return found


async def _sizes(two: Two) -> dict[int, int]:
    """As the quotas are counted: of what was deleted, only that there was something."""
    rows = await two.conns[0].fetch(
        "SELECT sender_id, sum(octet_length(body) + coalesce(octet_length(attachments), 0) + 200)::bigint"
        " FROM events GROUP BY 1"
    )
    return dict(rows)
