"""Appending: gapless, idempotent forever, and one bad item harms nobody."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from services.threads.tests.driver import Service, User, code, delivered, frames, item, text
from services.threads.tests.fake_auth import FakeAuth
from shared.wire.ids import uuid7
from shared.wire.link import AppendFailed, AppendResult
from shared.wire.messages import EventFrame, MessageFrame


async def test_a_batch_is_answered_with_the_frames_of_both_members(
    threads: Service, ann: User, bob: User
) -> None:
    link = await threads.link()
    sent = item(ann, bob, "héllo \U0001f600")
    [result] = await link.append(sent)
    stored = delivered(result)
    for_ann, for_bob = frames(stored)
    assert isinstance(for_ann, MessageFrame)
    assert (result.created, stored.seq, stored.low, stored.high) == (True, 1, ann.id, bob.id)
    assert (for_ann.thread, for_ann.sender, for_ann.text) == ("bob", "ann", "héllo \U0001f600")
    assert for_bob == MessageFrame("ann", 1, "ann", sent.client_id, for_ann.text, for_ann.sent_at)


async def test_twenty_concurrent_appenders_leave_no_gap(threads: Service, ann: User, bob: User) -> None:
    links = [await threads.link(f"relay-{number}") for number in range(20)]

    async def append(number: int) -> list[int]:
        sender, to = (ann, bob) if number % 2 else (bob, ann)
        return [
            delivered(result).seq
            for round_ in range(5)
            for result in await links[number].append(
                *(item(sender, to, f"{number}-{round_}") for _ in range(4))
            )
        ]

    seqs = await asyncio.gather(*map(append, range(20)))
    assert sorted(seq for each in seqs for seq in each) == list(range(1, 401))
    assert all(each == sorted(each) for each in seqs)


async def test_what_one_says_keeps_its_order_though_the_other_begins_the_thread_meanwhile(
    threads: Service, auth: FakeAuth
) -> None:
    """A small batch is a statement for each message: the first must not miss the thread that the second finds."""
    links = [await threads.link(f"relay-{number}") for number in range(6)]
    for number in range(100, 400, 2):
        one, other = User(number, f"one-{number}"), User(number + 1, f"other-{number}")
        for person in (one, other):
            auth.add(person.id, person.name)
        sides = [(one, other), (other, one)] * 3
        answers = await asyncio.gather(
            *(
                link.append(*(item(sender, to) for _ in range(4)))
                for link, (sender, to) in zip(links, sides, strict=True)
            )
        )
        for results in answers:
            seqs = [delivered(result).seq for result in results]
            assert seqs == sorted(seqs)


async def test_a_repeated_client_id_gets_what_it_got_the_first_time(
    threads: Service, ann: User, bob: User
) -> None:
    link = await threads.link()
    first = item(ann, bob, "one")
    [before] = await link.append(first)
    await link.append(item(bob, ann, "between"))
    [again] = await (await threads.link("relay-2")).append(first)
    assert again == AppendResult(before.delivery, created=False)


async def test_a_client_id_twice_in_one_batch_is_stored_once(threads: Service, ann: User, bob: User) -> None:
    twice, other = item(ann, bob, "one"), item(ann, bob, "two")
    first, second, third = await (await threads.link()).append(twice, twice, other)
    assert (first.created, second.created, third.created) == (True, False, True)
    assert (delivered(first).seq, delivered(second).seq, delivered(third).seq) == (1, 1, 2)


async def test_each_member_has_client_ids_of_their_own(threads: Service, ann: User, bob: User) -> None:
    same = uuid7()
    results = await (await threads.link()).append(item(ann, bob, "a", same), item(bob, ann, "b", same))
    assert [(one.created, delivered(one).seq) for one in results] == [(True, 1), (True, 2)]


async def test_a_client_id_used_for_another_text_is_a_conflict(
    threads: Service, ann: User, bob: User
) -> None:
    link, used = await threads.link(), uuid7()
    await link.append(item(ann, bob, "one", used))
    other_text, other_kind, fine = await link.append(
        item(ann, bob, "two", used), item(ann, bob, '"one"', used, "game.move"), item(ann, bob, "three")
    )
    assert code(other_text) == code(other_kind) == ("conflict", "/client_id")
    assert delivered(fine).seq == 2


async def test_two_texts_of_one_client_id_in_one_batch_conflict(
    threads: Service, ann: User, bob: User
) -> None:
    used = uuid7()
    first, second = await (await threads.link()).append(
        item(ann, bob, "one", used), item(ann, bob, "two", used)
    )
    assert delivered(first).seq == 1
    assert code(second) == ("conflict", "/client_id")


async def test_unknown_names_and_oneself_are_refused_beside_good_items(
    threads: Service, ann: User, bob: User
) -> None:
    nobody, myself, good = await (await threads.link()).append(
        item(ann, "nobody"), item(ann, ann), item(ann, bob)
    )
    assert code(nobody) == ("not-found", "/to")
    assert code(myself) == ("invalid", "/to")
    assert delivered(good).seq == 1


async def test_what_the_log_cannot_hold_names_its_field(threads: Service, ann: User, bob: User) -> None:
    results = await (await threads.link()).append(
        item(ann, bob, "a\x00b"),
        item(ann, bob, ""),
        item(ann, bob, "x" * 4001),
        item(ann, bob, "{}", kind="Not a kind"),
        item(ann, bob, "{", kind="game.move"),
        item(ann, bob, "x" * 4000),
    )
    assert [code(one)[1] for one in results[:-1]] == ["/text", "/text", "/text", "/kind", "/body"]
    assert delivered(results[-1]).seq == 1


async def test_a_row_that_the_database_refuses_harms_nobody_else(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    await sql.execute("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (body <> 'poison')")
    link = await threads.link()
    first, bad, last = await link.append(
        item(ann, bob, "one"), item(ann, bob, "poison"), item(ann, bob, "two")
    )
    assert code(bad) == ("invalid", "/text")
    assert [(delivered(one).seq, text(delivered(one))) for one in (first, last)] == [(1, "one"), (2, "two")]


_FAILING = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'SQLSTATE'; END $$;
CREATE TRIGGER fail BEFORE INSERT ON events FOR EACH ROW WHEN (NEW.body = 'fail') EXECUTE FUNCTION fail()
"""


async def test_what_comes_behind_a_row_that_has_to_come_again_does_not_overtake_it(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """Where a refused row makes the batch's rows run singly, and the disk is full for a moment."""
    await sql.execute("ALTER TABLE events ADD CONSTRAINT no_poison CHECK (body <> 'poison')")
    await sql.execute(_FAILING.replace("SQLSTATE", "53100"))
    bad, held, behind, other = await (await threads.link()).append(
        item(ann, bob, "poison"),
        item(ann, bob, "fail"),
        item(ann, bob, "behind"),
        item(bob, ann, "other"),
    )
    assert code(bad) == ("invalid", "/text")
    assert [code(one)[0] for one in (held, behind)] == ["unavailable", "unavailable"]
    assert (delivered(other).seq, text(delivered(other))) == (1, "other")


async def test_other_kinds_carry_json_and_are_not_unread(threads: Service, ann: User, bob: User) -> None:
    [result] = await (await threads.link()).append(item(ann, bob, '{"cell":4}', kind="game.move"))
    frame = frames(delivered(result))[1]
    assert isinstance(frame, EventFrame)
    assert (frame.kind, frame.thread, bytes(frame.body)) == ("game.move", "ann", b'{"cell":4}')


async def test_new_threads_in_crossed_batches_never_deadlock(threads: Service, auth: FakeAuth) -> None:
    people = [User(100 + number, f"user{number}") for number in range(12)]
    for one in people:
        auth.add(one.id, one.name)
    items = [item(one, two) for one in people for two in people if one is not two]
    links = [await threads.link(f"relay-{number}") for number in range(4)]
    orders = [items, items[::-1], items[1::2] + items[::2], items[::-2] + items[-2::-2]]
    answers = await asyncio.gather(*(link.append(*order) for link, order in zip(links, orders, strict=True)))
    assert all(delivered(result).seq >= 1 for answer in answers for result in answer)


async def test_while_auth_is_away_known_names_go_on_and_others_may_retry(
    threads: Service, auth: FakeAuth, ann: User, bob: User, eve: User
) -> None:
    link = await threads.link()
    await link.append(item(ann, bob))
    auth.away = True
    known, unknown = await link.append(item(ann, bob), item(ann, eve))
    assert delivered(known).seq == 2
    assert unknown.problem is not None
    assert (unknown.problem.code, unknown.problem.retry) == ("unavailable", True)
    auth.away = False
    [now] = await link.append(item(ann, eve))
    assert delivered(now).seq == 1


async def test_a_frozen_auth_holds_up_no_known_name_and_others_may_retry(
    threads: Service, auth: FakeAuth, ann: User, bob: User, eve: User
) -> None:
    link = await threads.link()
    await link.append(item(ann, bob))
    auth.thawed.clear()
    try:
        async with asyncio.timeout(3):  # a relay waits no longer: it would repeat the batch forever
            known, unknown = await link.append(item(ann, bob), item(ann, eve))
    finally:
        auth.thawed.set()
    assert delivered(known).seq == 2
    assert (code(unknown)[0], unknown.problem and unknown.problem.retry) == ("unavailable", True)
    [now] = await link.append(item(ann, eve))
    assert delivered(now).seq == 1


async def test_names_are_asked_for_once_and_misses_every_time(
    threads: Service, auth: FakeAuth, ann: User, bob: User
) -> None:
    link = await threads.link()
    for _ in range(3):
        await link.append(item(ann, bob), item(ann, "nobody"))
    assert auth.asked.count(["nobody"]) == 2
    assert sum("bob" in asked for asked in auth.asked) == 1


async def test_a_killed_backend_fails_the_batch_and_its_repetition_gets_the_same_seqs(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    link = await threads.link()
    await link.append(item(ann, bob, "zero"))
    batch = [item(ann, bob, "one"), item(bob, ann, "two")]
    async with sql.transaction():
        await sql.execute("SELECT FROM threads FOR UPDATE")
        number = await link.begin(*batch)
        await _kill_who_waits(sql)
    failed = await link.receive(AppendFailed)
    assert (failed.batch, failed.problem.retry) == (number, True)
    first = await link.append(*batch)
    again = await link.append(*batch)
    assert [delivered(one).seq for one in first] == [delivered(one).seq for one in again] == [2, 3]


async def test_a_read_only_postgres_fails_the_batch_and_its_repetition_is_stored(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User
) -> None:
    """As after a failover to a standby: nothing is wrong with the messages."""
    link = await threads.link()
    await link.append(item(ann, bob, "zero"))
    batch = [item(ann, bob, "one"), item(bob, ann, "two")]
    body = {"client_id": str(uuid7()), "text": "over HTTP"}
    await _read_only(sql, "on")
    for _ in range(4):  # the first may meet connections that have just been ended
        number = await link.begin(*batch)
        failed = await link.receive(AppendFailed)
        assert (failed.batch, failed.problem.retry) == (number, True)
        assert (await threads.as_user(ann, "POST", "/api/threads/bob/messages", body))[0] == 503
    await _read_only(sql, "off")
    async with asyncio.timeout(5):
        while (await threads.as_user(ann, "POST", "/api/threads/bob/messages", body))[0] != 201:
            pass
        while isinstance(answer := await link.ask(*batch), AppendFailed):
            pass
    assert [delivered(one).seq for one in answer.results] == [3, 4]


async def _read_only(sql: asyncpg.Connection, now: str) -> None:
    """For every connection from now on; those that there are end."""
    database = await sql.fetchval("SELECT current_database()")
    await sql.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = {now}")
    await sql.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )


# SQLSTATEs by which PostgreSQL tells of itself, and by which it tells of a row. 55P03: a lock is not to be had;
# 42501: a right is missing; 54001: too complex; XX001: an index is damaged; 22001: too long; 23514: a check.
@pytest.mark.parametrize(
    ("sqlstate", "retry"),
    [
        ("42501", True),
        ("54001", True),
        ("58030", True),
        ("P0001", True),
        ("XX001", True),
        ("22001", False),
        ("23514", False),
    ],
)
async def test_only_classes_22_and_23_are_a_rows_own_fault(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, sqlstate: str, retry: bool
) -> None:
    await sql.execute(_FAILING.replace("SQLSTATE", sqlstate))
    failed, other = await (await threads.link()).append(item(ann, bob, "fail"), item(bob, ann, "other"))
    assert failed.problem is not None
    assert failed.problem.retry is retry
    assert text(delivered(other)) == "other"


@pytest.mark.parametrize("sqlstate", ["25006", "40001", "53200", "53300", "55P03", "57014", "57P03"])
async def test_what_ails_the_server_fails_the_batch_as_a_whole(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, sqlstate: str
) -> None:
    await sql.execute(_FAILING.replace("SQLSTATE", sqlstate))
    link = await threads.link()
    await link.begin(item(ann, bob, "fail"), item(bob, ann, "other"))
    assert (await link.receive(AppendFailed)).problem.retry


async def test_a_later_batch_of_the_same_sender_fails_with_the_one_before_it(
    threads: Service, sql: asyncpg.Connection, ann: User, bob: User, eve: User
) -> None:
    link = await threads.link()
    await link.append(item(ann, bob, "zero"))
    async with sql.transaction():
        await sql.execute("SELECT FROM threads FOR UPDATE")
        first = await link.begin(item(ann, bob, "one"))
        second = await link.begin(item(ann, bob, "two"))
        await _kill_who_waits(sql)
    assert [(await link.receive(AppendFailed)).batch for _ in range(2)] == [first, second]
    assert await sql.fetchval("SELECT count(*) FROM events") == 1


async def _kill_who_waits(sql: asyncpg.Connection) -> None:
    """Ends the backend that waits for our lock, as soon as there is one."""
    kill = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(5):
        while not await sql.fetchval(kill):
            await sql.execute("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("kind", "author"),
    [("game", "game"), ("joined", "gateway"), ("edit", "relay"), ("message", "relay")],
)
async def test_each_kind_comes_from_its_author_only(
    threads: Service, ann: User, bob: User, kind: str, author: str
) -> None:
    body = {
        "type": "append",
        "batch": 1,
        "node": "",
        "items": [[ann.id, "ann", "bob", kind, str(UUID(int=1)), "{}"]],
    }
    statuses = {
        program: (
            await threads.call("POST", "/internal/append", body, headers=threads.tokens.program(program))
        )[0]
        for program in ("relay", "game", "gateway", "auth")
    }
    assert statuses == {"relay": 403, "game": 403, "gateway": 403, "auth": 403} | {author: 200}
    status, _ = await threads.as_user(ann, "POST", "/internal/append", body)
    assert status == 403


@pytest.mark.parametrize("kind", ["game", "joined"])
async def test_what_others_append_does_not_come_over_a_link(
    threads: Service, ann: User, bob: User, kind: str
) -> None:
    link = await threads.link()
    await link.begin(item(ann, bob, "{}", kind=kind))
    assert (await link.receive(AppendFailed)).problem.code == "forbidden"
