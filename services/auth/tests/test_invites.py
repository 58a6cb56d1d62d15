"""Invitations: made, listed, taken back; used once, by one person, together with their account."""

import asyncio
from uuid import uuid4

import pytest

from services.auth.purge import purge
from services.auth.tests.driver import ADDRESS, PASSWORD, Answer, Driver, Person
from shared.plumbing import failpoints
from shared.wire.accounts import LoggedIn
from shared.wire.games import InvitedGame
from shared.wire.invites import Invited, InviteItem, Invites, InviteToken, LookAtInvite, MakeInvite, UseInvite

MISERE = InvitedGame("peer", "me")


async def _try_make(auth: Driver, inviter: Person, game: InvitedGame | None = None) -> Answer:
    return await auth.as_program("POST", "/internal/invites", MakeInvite(inviter.id, game))


async def _make(auth: Driver, inviter: Person, game: InvitedGame | None = None) -> InviteToken:
    made: InviteToken = (await _try_make(auth, inviter, game)).of(InviteToken)
    return made


async def _look(auth: Driver, token: str, address: str = ADDRESS) -> Answer:
    return await auth.as_program("POST", "/internal/invites/look", LookAtInvite(token, address))


async def _use(auth: Driver, token: str, guest: Person) -> Answer:
    return await auth.as_program("POST", "/internal/invites/use", UseInvite(token, ADDRESS, guest.id))


async def _open(inviter: Person) -> list[InviteItem]:
    invites: Invites = (await inviter.ask("GET", "/api/invites")).of(Invites)
    return invites.invites


async def _age(auth: Driver, by: str) -> None:
    async with auth.db.connection() as conn:
        await conn.execute("UPDATE invites SET expires_at = expires_at - $1::text::interval", by)


async def _count(auth: Driver, table: str) -> int:
    async with auth.db.connection() as conn:
        count: int = await conn.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
        return count


async def test_who_has_the_link_sees_who_invites_and_to_what(auth: Driver) -> None:
    ann = await auth.sign_up("ann", display_name="Ann Lee")
    chat, game = await _make(auth, ann), await _make(auth, ann, MISERE)
    seen: Invited = (await _look(auth, chat.token)).of(Invited)
    assert seen == Invited(chat.id, ann.id, "ann", "Ann Lee", "open", None, None)
    assert (await _look(auth, game.token)).of(Invited).game == MISERE
    assert (await _look(auth, chat.token)).of(Invited) == seen  # a look uses nothing


async def test_a_token_is_long_told_once_and_stored_nowhere(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    made = [await _make(auth, ann) for _ in range(3)]
    assert {len(each.token) for each in made} == {24}  # 144 bits
    listed = await ann.ask("GET", "/api/invites")
    async with auth.db.connection() as conn:
        rows = str(await conn.fetch("SELECT invites::text, encode(token_hash, 'escape') FROM invites"))
    for each in made:
        assert each.token not in rows
        assert each.token.encode() not in listed.body


async def test_one_lists_and_takes_back_one_s_own_alone(auth: Driver) -> None:
    ann, eve = await auth.sign_up("ann"), await auth.sign_up("eve")
    first, second = await _make(auth, ann), await _make(auth, ann, MISERE)
    assert [(each.id, each.game) for each in await _open(ann)] == [(second.id, MISERE), (first.id, None)]
    assert await _open(eve) == []
    for caller, id in ((eve, first.id), (ann, uuid4()), (ann, "no-id")):
        assert (await caller.ask("DELETE", f"/api/invites/{id}")).status == 404
    assert (await ann.ask("DELETE", f"/api/invites/{first.id}")).status == 204
    assert (await ann.ask("DELETE", f"/api/invites/{first.id}")).status == 404
    assert [each.id for each in await _open(ann)] == [second.id]


async def test_each_way_to_be_over_has_its_words(auth: Driver) -> None:
    ann, bob, eve = [await auth.sign_up(name) for name in ("ann", "bob", "eve")]
    used, back, own = [await _make(auth, ann) for _ in range(3)]
    assert (await _use(auth, used.token, bob)).status == 200
    await ann.ask("DELETE", f"/api/invites/{back.id}")
    refused = [await _use(auth, own.token, ann)]
    await _age(auth, "7 days")
    old = await _make(auth, ann)
    await _age(auth, "7 days")
    refused += [await _use(auth, each.token, eve) for each in (used, back, old)]
    refused += [await _use(auth, "no such token", eve), await auth.try_sign_up("dora", invite=old.token)]
    assert [(answer.status, answer.problem.code, answer.problem.detail) for answer in refused] == [
        (409, "own-invite", "This is your own invitation: it is for somebody else."),
        (410, "invite-over", "This invitation has been used already."),
        (410, "invite-over", "This invitation was taken back."),
        (410, "invite-over", "This invitation has expired."),
        (404, "not-found", "There is no such invitation."),
        (410, "invite-over", "This invitation has expired."),
    ]
    states = [(await _look(auth, each.token)).of(Invited).state for each in (used, back, old)]
    assert states == ["used", "taken-back", "expired"]
    assert await _open(ann) == []


async def test_who_has_accepted_may_say_so_again(auth: Driver) -> None:
    ann, bob = await auth.sign_up("ann"), await auth.sign_up("bob")
    made = await _make(auth, ann, MISERE)
    first: Invited = (await _use(auth, made.token, bob)).of(Invited)
    await _age(auth, "8 days")
    assert (await _use(auth, made.token, bob)).of(Invited) == first
    assert (first.username, first.used_by, first.state) == ("ann", bob.id, "used")


async def test_of_many_who_accept_at_once_one_does(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    guests = [await auth.sign_up(f"guest{n}") for n in range(3)]
    made = await _make(auth, ann)
    answers = await asyncio.gather(
        *(_use(auth, made.token, guest) for guest in guests),
        *(auth.try_sign_up(f"new{n}", invite=made.token) for n in range(3)),
    )
    assert sorted(answer.status for answer in answers if answer.status < 300) in ([200], [201])
    assert {answer.status for answer in answers if answer.status >= 300} == {410}
    new = next((answer for answer in answers[3:] if answer.status == 201), None)
    assert await _count(auth, "users") == 4 + bool(new)  # those who lost have no account


async def test_an_account_is_made_and_its_invitation_used_or_neither(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    made = await _make(auth, ann)
    failpoints.arm("auth.invite_used=error@1")  # between the two
    try:
        assert (await auth.try_sign_up("bob", invite=made.token)).status == 503
    finally:
        failpoints.arm("")
    assert await _count(auth, "users") == 1
    assert [each.id for each in await _open(ann)] == [made.id]
    answer = await auth.try_sign_up("bob", invite=made.token)
    bob: LoggedIn = answer.of(LoggedIn)
    assert (await _look(auth, made.token)).of(Invited).used_by == bob.info.user


async def test_a_refused_sign_up_uses_no_invitation(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    made = await _make(auth, ann)
    for username, password, status in (("ann", PASSWORD, 409), ("bob", "short", 422), ("-", PASSWORD, 422)):
        assert (await auth.try_sign_up(username, password, invite=made.token)).status == status
    assert len(await _open(ann)) == 1
    assert (await auth.try_sign_up("bob", invite="no such token")).status == 404
    assert await _count(auth, "users") == 1


async def test_twenty_are_open_at_most_also_when_made_at_once(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    answers = await asyncio.gather(*(_try_make(auth, ann) for _ in range(22)))
    assert sorted(answer.status for answer in answers) == [201] * 20 + [409] * 2
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.problem.code == "too-many-invites"
    await ann.ask("DELETE", f"/api/invites/{(await _open(ann))[0].id}")
    assert (await _try_make(auth, ann)).status == 201


async def test_a_person_makes_forty_an_hour(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    for _ in range(40):
        made = await _make(limited_auth, ann)
        await ann.ask("DELETE", f"/api/invites/{made.id}")
    assert (await _try_make(limited_auth, ann)).status == 429


async def test_an_address_tries_sixty_tokens_a_minute(limited_auth: Driver) -> None:
    ann = await limited_auth.sign_up("ann")
    made = await _make(limited_auth, ann)
    answers = [await _look(limited_auth, f"guess {n}") for n in range(61)]
    assert [answer.status for answer in answers] == [404] * 60 + [429]
    assert (await _use(limited_auth, made.token, ann)).status == 429
    assert (await _look(limited_auth, made.token, "192.0.2.1")).status == 200


@pytest.mark.parametrize(("expired", "left"), [("36 days", 1), ("38 days", 0)])
async def test_one_long_expired_is_purged(auth: Driver, expired: str, left: int) -> None:
    await _make(auth, await auth.sign_up("ann"))
    await _age(auth, expired)
    await purge(auth.db)
    assert await _count(auth, "invites") == left
