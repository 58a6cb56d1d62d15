"""How far the peer has read is told where both show it: in the inbox, to relays, in notices."""

import pytest

from services.threads.tests.driver import Service, User
from services.threads.tests.fake_auth import LAST_SEEN, FakeAuth
from services.threads.tests.test_delivered import frame, marked, positions
from shared.wire.accounts import EVERYTHING, Seeing
from shared.wire.link import ReadMark
from shared.wire.log_calls import HeadsAnswer, HeadsOf

HIDES_READS = Seeing(read_receipts=False)


@pytest.fixture(autouse=True)
def people_are_asked_for_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.threads.people.PROFILE_MAX_AGE_S", 0.0)


@pytest.mark.parametrize("hides", ["ann", "bob"])
async def test_either_of_the_two_can_hide_what_both_have_read(
    threads: Service, auth: FakeAuth, ann: User, bob: User, hides: str
) -> None:
    await threads.say(ann, bob, "1", "2")
    auth.shows({"ann": ann, "bob": bob}[hides].id, HIDES_READS)
    assert await marked(threads, ReadMark(bob.id, "bob", "ann", 2)) == [
        (ann.id, frame("delivered", bob, 2, bob)),
        (bob.id, frame("read", ann, 2, bob)),
    ]
    assert await positions(threads, ann) == {"read": 0, "peer_read": 0, "delivered": 0, "peer_delivered": 2}
    assert await positions(threads, bob) == {"read": 2, "peer_read": 0, "delivered": 2, "peer_delivered": 0}
    auth.shows({"ann": ann, "bob": bob}[hides].id, EVERYTHING)
    assert (await positions(threads, ann))["peer_read"] == 2


async def test_a_hidden_read_of_what_is_delivered_already_tells_the_peer_nothing(
    threads: Service, auth: FakeAuth, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "1", "2")
    auth.shows(bob.id, HIDES_READS)
    await marked(threads, ReadMark(bob.id, "bob", "ann", 0, 2))
    assert await marked(threads, ReadMark(bob.id, "bob", "ann", 2)) == [
        (bob.id, frame("read", ann, 2, bob)),
    ]


async def test_only_two_who_show_when_they_are_here_are_told_of_each_other(
    threads: Service, auth: FakeAuth, ann: User, bob: User, eve: User
) -> None:
    await threads.say(ann, bob, "hi")
    await threads.say(eve, ann, "hi")
    auth.shows(bob.id, Seeing(last_seen=False))

    async def told(user: User) -> dict[str, tuple[bool, bool]]:
        answer = await threads.as_relay("/internal/heads", HeadsOf([user.id]), HeadsAnswer)
        [of_user] = answer.users
        assert of_user.seeing == auth.profiles[user.id].seeing
        return {one.peer_name: (one.here, one.last_seen == LAST_SEEN) for one in of_user.latest}

    assert await told(ann) == {"bob": (False, False), "eve": (True, True)}
    assert await told(bob) == {"ann": (False, False)}


async def test_a_setting_that_was_known_holds_while_auth_is_away(
    threads: Service, auth: FakeAuth, ann: User, bob: User
) -> None:
    await threads.say(ann, bob, "1", "2")
    auth.shows(bob.id, HIDES_READS)
    await positions(threads, ann)
    await positions(threads, bob)
    auth.away = True
    assert (ann.id, frame("read", bob, 2, bob)) not in await marked(
        threads, ReadMark(bob.id, "bob", "ann", 2)
    )
    assert (await positions(threads, ann))["peer_read"] == 0


async def test_of_whom_nothing_is_known_no_read_is_told(
    threads: Service, auth: FakeAuth, ann: User, bob: User
) -> None:
    """Names are known from the send; nobody has asked for their profiles yet."""
    await threads.say(ann, bob, "1", "2")
    auth.away = True
    assert await marked(threads, ReadMark(bob.id, "bob", "ann", 2)) == [
        (ann.id, frame("delivered", bob, 2, bob)),
        (bob.id, frame("read", ann, 2, bob)),
    ]


async def test_reads_of_people_who_chat_ask_auth_once_in_four_seconds(
    threads: Service, auth: FakeAuth, ann: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.threads.people.PROFILE_MAX_AGE_S", 60.0)
    await threads.say(ann, bob, *map(str, range(20)))
    auth.asked.clear()
    for seq in range(1, 21):
        await marked(threads, ReadMark(bob.id, "bob", "ann", seq))
    assert len(auth.asked) == 1
