"""What notify is told before it sends a notice."""

from typing import Any

from services.threads.tests.driver import Service, User, change
from shared.wire import codec
from shared.wire.log import Head
from shared.wire.log_calls import HeadsAnswer, HeadsOf, Standing, StandingOf, Standings, Untold


async def thread_of(threads: Service, user: User) -> int:
    answer = await threads.as_relay("/internal/heads", HeadsOf([user.id]), HeadsAnswer)
    [head] = answer.users[0].heads
    assert isinstance(head, Head)
    return head.thread


async def ask(threads: Service, *asked: Untold) -> list[Standing | None]:
    headers = threads.tokens.program("notify")
    status, answer = await threads.call(
        "POST", "/internal/standing", StandingOf(list(asked)), headers=headers
    )
    assert status == 200, answer
    return codec.decode(codec.encode(answer), Standings).threads


async def keep(threads: Service, user: User, peer: User, **state: Any) -> None:
    status, answer = await threads.as_user(user, "PATCH", f"/api/threads/{peer.name}/state", state)
    assert status == 200, answer


async def test_the_latest_message_that_is_neither_read_nor_told_nor_deleted_nor_ones_own(
    threads: Service, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "one", "two", "three")
    await threads.say(bob, ann, "mine")
    link, thread = await threads.link(), await thread_of(threads, ann)
    await link.append(change(ann, bob, "delete", 3), change(ann, bob, "edit", 2, text="two, mended"))
    answers = await ask(
        threads,
        Untold(thread, bob.id, 0),
        Untold(thread, bob.id, 2),
        Untold(thread, ann.id, 3),
        Untold(thread, eve.id, 0),
        Untold(thread + 1, bob.id, 0),
    )
    assert answers == [
        Standing(0, False, 2, "two, mended"),
        Standing(0, False),
        Standing(0, False, 4, "mine"),
        None,
        None,
    ]
    await threads.as_user(bob, "PUT", "/api/threads/ann/read", {"seq": 2})
    assert await ask(threads, Untold(thread, bob.id, 0)) == [Standing(2, False)]


async def test_a_thread_is_quiet_while_it_is_muted_or_archived(
    threads: Service, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "one")
    thread = await thread_of(threads, ann)

    async def quiet() -> list[bool]:
        """To bob, and to ann."""
        answers = await ask(threads, Untold(thread, bob.id, 0), Untold(thread, ann.id, 0))
        return [one.quiet for one in answers if one]

    for state in ({"muted_until": "forever"}, {"archived": "always"}, {"archived": "until-new"}):
        await keep(threads, bob, ann, **state)
        assert await quiet() == [True, False], state
        await keep(threads, bob, ann, **dict.fromkeys(state))
        assert await quiet() == [False, False], state
    await keep(threads, bob, ann, archived="until-new")
    await threads.say(ann, bob, "and that ends it")
    assert await quiet() == [False, False]
    await keep(threads, bob, ann, muted_until="2020-01-01")
    assert await quiet() == [False, False]


async def test_how_somebody_stands_to_a_thread_is_for_notify_alone(threads: Service, ann: User) -> None:
    for name in ("media", "relay", "game", "gateway"):
        headers = threads.tokens.program(name)
        assert (await threads.call("POST", "/internal/standing", StandingOf([]), headers=headers))[0] == 403
    assert (await threads.as_user(ann, "POST", "/internal/standing", StandingOf([])))[0] == 403
