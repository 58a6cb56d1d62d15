"""A sender's link gets a preview once, if they want one, whatever dies; and no push waits for a site."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from services.notify.previews import making
from services.notify.tests.site import Site, page
from services.notify.tests.test_crashes import dies_at
from services.notify.tests.town import WITHIN_S, Town
from shared.testing.push_service import PushService
from shared.wire.ids import uuid7

TITLE = "<title>A page</title>"
NOTING = ("notify.before_commit", "notify.after_commit")
MAKING = ("notify.before_fetch", "notify.before_preview", "notify.after_preview")


async def messages(town: Town, who: str = "bob", peer: str = "ann") -> list[Any]:
    _, answer = await town.as_user(
        town.sessions[who], "threads", "GET", f"/api/threads/{peer}/messages?limit=200"
    )
    found: list[Any] = answer["messages"]
    return found


async def titles(town: Town, who: str = "bob", peer: str = "ann") -> list[str | None]:
    return [one.get("preview", {}).get("title") for one in await messages(town, who, peer)]


async def until(town: Town, wanted: list[str | None], who: str = "bob", peer: str = "ann") -> None:
    """Waits until the messages have these titles."""
    async with asyncio.timeout(WITHIN_S):
        while await titles(town, who, peer) != wanted:
            await asyncio.sleep(0.05)


async def log(town: Town) -> list[tuple[str, Any]]:
    _, answer = await town.as_user(
        town.sessions["bob"], "threads", "GET", "/api/threads/ann/events?limit=200"
    )
    return [(one["kind"], one["body"]) for one in answer["events"] if one["type"] == "event"]


async def change(town: Town, kind: str, **body: Any) -> None:
    asked = {"client_id": uuid7(), "kind": kind, "body": body}
    await town.do("ann", "POST", "/api/threads/bob/events", asked)


async def test_a_link_gets_the_preview_of_its_page_though_nobody_has_a_device(town: Town, site: Site) -> None:
    site.pages["/"] = page(
        TITLE + "<meta property=og:site_name content=Example><meta name=description content=Words>"
    )
    await town.say("ann", "bob", "no link", f"see {site.link()} and http://127.0.0.1:9/other")
    await until(town, [None, "A page"])
    said = {"url": site.link(), "title": "A page", "site": "Example", "description": "Words"}
    assert (await messages(town))[1]["preview"] == said
    assert await log(town) == [("preview", {"target": 2, "of": 2, **said})]
    assert site.paths == ["/"]


async def test_an_edit_gives_another_preview_or_takes_it_away_and_a_deletion_leaves_none(
    town: Town, site: Site
) -> None:
    site.pages |= {"/a": page("<title>A</title>"), "/b": page("<title>B</title>")}
    await town.subscribe("eve")  # so that the log is read often
    await town.say("ann", "bob", f"see {site.link('/a')}")
    await until(town, ["A"])
    await change(town, "edit", target=1, text=f"look: {site.link('/a')}")
    await town.settled()
    assert site.paths == ["/a"]  # it is there
    for text, title in (("/b", "B"), ("/none", None), ("/a", "A")):
        await change(town, "edit", target=1, text=site.link(text))
        await until(town, [title])
    await change(town, "edit", target=1, text="nothing")
    await until(town, [None])
    assert [body.get("title") for kind, body in await log(town) if kind == "preview"] == [
        "A",
        "B",
        None,
        "A",
        None,
    ]
    await change(town, "edit", target=1, text=site.link("/b"))
    await until(town, ["B"])
    await change(town, "delete", target=1)
    await town.settled()
    assert [body for kind, body in await log(town) if kind == "preview"] == [{"target": 1}] * 6


async def test_who_turned_previews_off_has_no_link_of_theirs_fetched(town: Town, site: Site) -> None:
    site.pages["/"] = page(TITLE)
    status, _ = await town.as_user(
        town.sessions["ann"], "auth", "PATCH", "/api/settings", {"link_previews": False}
    )
    assert status == 200
    await town.say("ann", "bob", site.link("/secret"))
    await town.say("bob", "ann", site.link())
    await until(town, [None, "A page"])
    await town.settled()
    assert site.paths == ["/"]


async def test_where_the_operator_turned_them_off_nothing_is_noted(town: Town, site: Site) -> None:
    await town.stop("notify")
    await town.start("notify", previews=False)
    await town.subscribe("bob")
    await town.say("ann", "bob", site.link())
    await town.settled()
    assert site.asked == []


async def test_what_has_no_preview_is_not_tried_again_and_one_person_has_so_many(
    town: Town, site: Site
) -> None:
    links = [site.link(f"/{number}") for number in range(making._BURST + 3)]
    await town.say("ann", "bob", *links)
    await town.settled()
    assert site.paths == [f"/{number}" for number in range(making._BURST)]
    site.pages["/"] = page(TITLE)
    await town.say("eve", "bob", site.link())
    await until(town, ["A page"], peer="eve")


async def test_a_site_that_does_not_answer_keeps_no_push_and_nobody_elses_preview_waiting(
    town: Town, site: Site, service: PushService
) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def held(_: web.Request) -> web.Response:
        asked.set()
        await over.wait()
        return web.Response()

    site.pages |= {"/held": held, "/": page(TITLE)}
    await town.subscribe("bob")
    await town.say("ann", "bob", site.link("/held"))
    await asyncio.wait_for(asked.wait(), WITHIN_S)
    [push] = await service.take("bob")
    assert push.push.body == site.link("/held")
    await town.say("eve", "bob", site.link())
    await until(town, ["A page"], peer="eve")
    over.set()


@pytest.mark.parametrize("points", [NOTING, MAKING], ids=["noting", "making"])
async def test_a_kill_at_any_step_leaves_no_link_without_its_preview_and_gives_none_twice(
    town: Town, site: Site, points: tuple[str, ...]
) -> None:
    for number, point in enumerate(points, start=1):
        site.pages[f"/{number}"] = page(f"<title>{point}</title>")
        await town.stop("notify")
        await town.say("ann", "bob", site.link(f"/{number}"))
        await dies_at(town, point)
        await town.start("notify")
        await until(town, list(points[:number]))
        await town.settled()
    said = [body["title"] for kind, body in await log(town) if kind == "preview"]
    assert said == list(points)
