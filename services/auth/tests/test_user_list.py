"""The user list: both names by prefix, pages by username, and a cost that does not grow with the accounts."""

from typing import Any
from urllib.parse import urlencode

import pytest

from services.auth.names import search_form
from services.auth.tests.conftest import Start
from services.auth.tests.driver import Driver, Person
from shared.plumbing.redis.client import redis
from shared.plumbing.redis.directory import Directory, Membership
from shared.wire.http import UserItem, Users


async def _add(auth: Driver, people: dict[str, str]) -> None:
    """Accounts that nobody logs in to: username → display name."""
    rows = [(username, name, search_form(name)) for username, name in people.items()]
    async with auth.db.connection() as conn:
        await conn.executemany(
            "INSERT INTO users (username, display_name, name_folded, password) VALUES ($1, $2, $3, '!')", rows
        )


async def _list(person: Person, **query: Any) -> Users:
    users: Users = (await person.ask("GET", f"/api/users?{urlencode(query)}")).of(Users)
    return users


async def _names(person: Person, query: str) -> list[str]:
    return [user.username for user in (await _list(person, query=query)).users]


async def test_everyone_but_me_by_username(auth: Driver) -> None:
    ann = await auth.sign_up("ann", display_name="Ann")
    await _add(auth, {"carl": "Carl", "bob": "Bob", "b.b": "Bee", "b-b": "Bea"})
    assert await _list(ann) == Users(
        [
            UserItem("b-b", "Bea", False, None),
            UserItem("b.b", "Bee", False, None),
            UserItem("bob", "Bob", False, None),
            UserItem("carl", "Carl", False, None),
        ],
        None,
    )


async def test_a_query_is_a_prefix_of_either_name_in_any_case(auth: Driver) -> None:
    ann = await auth.sign_up("ann", display_name="Zoe Too")
    await _add(
        auth,
        {"zoe": "Bob", "bob": "Zoé Quick", "carl": "zOe Slow", "dora": "Not Zoe", "zzz": "Ike"}
        | {"xyz": "x"},
    )
    assert await _names(ann, "zo") == ["bob", "carl", "zoe"]
    assert await _names(ann, "ZOE") == ["bob", "carl", "zoe"]
    assert await _names(ann, "zoé") == ["bob", "carl", "zoe"]
    assert await _names(ann, "zoe\u0301 q") == ["bob"]
    assert await _names(ann, " zoe s") == ["carl"]
    assert await _names(ann, "zoe slow and more") == []


async def test_somebody_is_found_by_the_name_shown_though_its_form_begins_like_the_username(
    auth: Driver,
) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Bøb", "soren": "Søren K", "zed": "ＺＥＤ"})
    for query, found in (("bøb", "bob"), ("Sør", "soren"), ("søren k", "soren"), ("ＺＥＤ", "zed")):
        assert await _names(ann, query) == [found], query


async def test_an_at_sign_in_front_of_a_name_is_not_part_of_it(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Somebody", "carl": "Bobby", "dora": "@Bobette", "eve": "b@b"})
    for query in ("@bob", "@BOB", " @@bob", "＠bob", "@ bob", "bob"):
        assert await _names(ann, query) == ["bob", "carl", "dora"], query
    assert await _names(ann, "@") == ["bob", "carl", "dora", "eve"]
    assert await _names(ann, "b@") == ["eve"]


async def test_who_matches_with_both_names_comes_once(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Bob", "bobby": "Bobby Bob", "carl": "Bobcat"})
    assert await _names(ann, "bob") == ["bob", "bobby", "carl"]
    assert await _names(ann, "b") == ["bob", "bobby", "carl"]


async def test_metacharacters_are_characters(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    queries = ("%", "_", "b%", "b_b", "\\", "*", "[a-z]", "'; drop table users; --", "~")
    await _add(auth, {"bob": "Bob"} | {f"user{n}": f"{query} indeed" for n, query in enumerate(queries)})
    for n, query in enumerate(queries):
        assert await _names(ann, query) == [f"user{n}"]


async def test_an_underscore_in_a_username_is_an_underscore(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"b_b": "One", "bob": "Two", "b.b": "Three"})
    assert await _names(ann, "b_b") == ["b_b"]


async def test_other_scripts_are_folded_too(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"olga": "Ольга", "hans": "Weiß", "akira": "ＡＫＩＲＡ", "conan": "O'Brien"})
    assert await _names(ann, "оЛЬ") == ["olga"]
    assert await _names(ann, "WEISS") == ["hans"]
    assert await _names(ann, "aki") == ["akira"]
    assert await _names(ann, "o’br") == ["conan"]


async def test_a_name_that_unfolds_to_a_thousand_characters_costs_no_more_than_others(auth: Driver) -> None:
    ann, name = await auth.sign_up("ann"), "\ufdfa" * 64
    bob = await auth.sign_up("bob", display_name=name)
    async with auth.db.connection() as conn:
        rows = await conn.fetchval("SELECT count(*) FROM name_prefixes WHERE user_id = $1", bob.id)
    assert rows == 64
    for query in (name, "\ufdfa", name[:5]):
        assert await _names(ann, query) == ["bob"]
    assert await _names(ann, "\ufdfb") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
async def test_pages_hold_everyone_once_in_order(auth: Driver, limit: int) -> None:
    """Some match with the username, some with the display name, some with both."""
    ann = await auth.sign_up("ann")
    by_username = {f"same{n}": f"Other {n}" for n in range(4)}
    by_name = {f"{letter}{n}x": "Same Name" for letter in "az" for n in range(4)}
    by_both = {f"same.{n}": f"Same {n}" for n in range(3)}
    await _add(auth, by_username | by_name | by_both | {"nobody": "Not the same"})
    found, cursor = [], ""
    while True:
        page = await _list(ann, query="same", cursor=cursor, limit=limit)
        found += [user.username for user in page.users]
        if page.next is None:
            break
        assert len(page.users) == limit
        cursor = page.next
    assert found == sorted(by_username | by_name | by_both)


async def test_a_full_last_page_has_no_next(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Bob", "carl": "Carl"})
    assert (await _list(ann, limit=2)).next is None


async def test_a_name_added_behind_the_cursor_moves_nobody(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Bob", "dora": "Dora"})
    first = await _list(ann, limit=1)
    await _add(auth, {"adam": "Adam", "carl": "Carl"})
    second = await _list(ann, cursor=first.next)
    assert [user.username for user in second.users] == ["carl", "dora"]


async def test_an_unusable_query_is_named_in_a_422(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    for query in (
        "cursor=!!!", "cursor=%00", "cursor=YQ", "cursor=/////w==", "cursor=%C3%A9", "query=a%00b",
        f"query={'x' * 65}", "limit=0", "limit=201", "limit=many", "limit=1.5", "page=2",
    ):  # fmt: skip
        answer = await ann.ask("GET", f"/api/users?{query}")
        assert (answer.status, answer.pointers) == (422, ["?" + query.split("=")[0]])


async def test_half_a_surrogate_pair_in_a_query_breaks_nothing(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    assert (await ann.ask("GET", "/api/users?query=%ED%A0%80")).status in (200, 422)
    assert (await ann.ask("GET", "/api/users?query=%FF%FE")).status in (200, 422)


async def test_online_is_who_a_live_node_holds(auth: Driver, clean_redis_url: str) -> None:
    ann, bob, _ = [await auth.sign_up(name) for name in ("ann", "bob", "carl")]
    async with redis(clean_redis_url) as opened:
        node = Membership(opened, "relay-1")
        await node.join(bob.id)
        assert [user.online for user in (await _list(ann)).users] == [False, False]
        await node.renew()
        assert await Directory(opened).online([bob.id]) == {bob.id}
    assert [(user.username, user.online) for user in (await _list(ann)).users] == [
        ("bob", True),
        ("carl", False),
    ]


async def test_nobody_is_online_while_redis_is_away(start_auth: Start) -> None:
    auth = await start_auth(redis_url="redis://127.0.0.1:1")
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Bob"})
    assert (await _list(ann)).users == [UserItem("bob", "Bob", False, None)]


async def test_a_changed_display_name_is_found_by_its_new_prefixes(auth: Driver) -> None:
    ann = await auth.sign_up("ann")
    await _add(auth, {"bob": "Robert"})
    async with auth.db.connection() as conn:
        await conn.execute(
            "UPDATE users SET display_name = 'Bert', name_folded = 'bert' WHERE username = 'bob'"
        )
    assert await _names(ann, "rob") == []
    assert await _names(ann, "ber") == ["bob"]
