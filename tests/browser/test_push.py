"""Notices in the browser: what a push becomes, where it leads, and how somebody asks for them."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import expect

from tests.browser.conftest import MakeChatter
from tests.browser.stores import until_kept
from tests.browser.system_notices import SystemNotices
from tests.conftest import MakeCorrespondent, MakePerson
from tests.correspondent import Peer


def said(peer: Peer, text: str, seq: int) -> dict[str, object]:
    """What notify pushes."""
    return {
        "title": peer.display_name,
        "body": text,
        "url": f"/messages/{peer.username}",
        "thread": peer.username,
        "tag": f"thread-{peer.username}",
        "seq": seq,
        "sent_at": "2026-11-29T12:00:00Z",
    }


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def browser_with_notices() -> str:
    """A script: stands for the system's question and the browser's push service, which headless shells lack."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    p256dh = _base64(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    return f"""
      window.asked = 0;
      const keys = {{ p256dh: "{p256dh}", auth: "{_base64(b"0123456789abcdef")}" }};
      const endpoint = "https://fcm.googleapis.com/fcm/send/test";
      const unsubscribe = async () => {{ made = null; }};
      const subscription = {{ endpoint, unsubscribe, toJSON: () => ({{ endpoint, keys }}) }};
      let made = null;
      Object.defineProperty(Notification, "permission", {{ get: () => (window.asked ? "granted" : "default") }});
      Notification.requestPermission = async () => {{ window.asked += 1; return "granted"; }};
      PushManager.prototype.subscribe = async () => (made = subscription);
      PushManager.prototype.getSubscription = async () => made;
    """


async def test_a_push_becomes_a_notice_that_leads_to_its_thread_in_the_window_that_is_open(
    chatter: MakeChatter,
) -> None:
    ann, bob, cid = await chatter("Ann", service_workers="allow"), await chatter("Bob"), await chatter("Cid")
    for peer in (bob, cid):
        await peer.open(ann)
        await peer.say("hello", "again")
        await peer.sees("hello", "again")
    await ann.open(bob)
    await until_kept(ann.page, "cache", "/shell/")
    notices = await SystemNotices.of(ann.page)

    await notices.push(ann.url, said(cid, "again", 2))
    [notice] = await notices.shown(1)
    assert (notice["title"], notice["body"], notice["silent"], notice["renotify"]) == (
        "Cid",
        "again",
        False,
        True,
    )
    assert notice["icon"].endswith("icon-192.png")
    assert notice["badge"].endswith("badge-96.png")
    assert notice["timestamp"] == 1795953600000
    await notices.until(1)

    assert await notices.click() == []
    await ann.page.wait_for_url(f"**/messages/{cid.username}")
    await ann.sees("hello", "again")
    assert len(ann.context.pages) == 1

    await expect(cid.message("again").locator(".state")).to_have_text("Read")
    await notices.push(
        ann.url, said(cid, "again", 2)
    )  # of what is open and read: shown for the browser, and gone
    shown = await notices.shown(2)
    await notices.until(0)
    assert shown[1]["silent"]
    assert not shown[1]["renotify"]

    await ann.page.goto("about:blank")
    await notices.push(ann.url, said(bob, "news", 3))
    await notices.shown(3)
    assert await notices.click() == [f"/messages/{bob.username}"]


async def test_a_push_that_is_not_ours_leads_to_duet_and_nowhere_else(chatter: MakeChatter) -> None:
    ann, bob = await chatter("Ann", service_workers="allow"), await chatter("Bob")
    await ann.open()
    await until_kept(ann.page, "cache", "/shell/")
    notices = await SystemNotices.of(ann.page)
    await notices.push(ann.url, {**said(bob, "away", 1), "url": "https://example.org/", "tag": "one"})
    await notices.push(ann.url, {"nothing": "known"})
    shown = await notices.shown(2)
    assert [one["data"]["url"] for one in shown] == ["/messages", "/messages"]


async def test_a_push_after_the_session_has_ended_leaves_nothing_behind(
    chatter: MakeChatter, correspondent: MakeCorrespondent
) -> None:
    ann = await chatter("Ann", service_workers="allow")
    bob = await correspondent("Bob", ann)
    await bob.say("a secret")
    await ann.open(bob)
    await until_kept(ann.page, "cache", "/shell/")
    await until_kept(ann.page, "duet-kept messages", "a secret")
    notices = await SystemNotices.of(ann.page)
    elsewhere = await chatter("Device")
    await elsewhere.log_in_as(ann)
    await ann.page.goto("about:blank")
    assert (await elsewhere.context.request.delete(f"{ann.url}/api/sessions")).status == 204
    await notices.push(ann.url, said(bob, "late", 2))
    await notices.shown(1)
    await notices.until(0)


async def test_notifications_are_asked_for_by_a_tap_and_never_before(
    chatter: MakeChatter, correspondent: MakeCorrespondent, person: MakePerson
) -> None:
    ann = await chatter("Ann", service_workers="allow")
    bob = await correspondent("Bob", ann)
    await ann.page.add_init_script(browser_with_notices())
    await ann.open(bob)
    hint = ann.page.get_by_role("region", name="Suggestion")
    await bob.say("the first")
    await ann.sees("the first")
    await expect(hint).to_be_hidden()
    await ann.say("mine")
    await bob.sees("the first", "mine")
    await bob.say("an answer")
    await expect(hint).to_contain_text("Be told when Bob writes, also when Duet is closed.")
    assert await ann.page.evaluate("window.asked") == 0
    asked = ann.page.expect_response(
        lambda got: got.url.endswith("/api/push") and got.request.method == "PUT"
    )
    async with asked as answer:
        await hint.get_by_role("button", name="Turn on").click()
    assert (await answer.value).status == 204
    await expect(hint).to_be_hidden()
    await expect(ann.box).to_be_focused()


async def test_the_switches_say_how_it_stands(chatter: MakeChatter) -> None:
    ann = await chatter("Ann", service_workers="allow")
    await ann.page.goto(f"{ann.url}/settings")  # this browser blocks all notifications
    switch = ann.page.get_by_role("switch", name="Notifications in this browser")
    hide = ann.page.get_by_role("switch", name="Hide message texts")
    await expect(ann.page.get_by_text("This browser blocks notifications of Duet.")).to_be_visible()
    await expect(switch).to_be_disabled()
    await ann.page.add_init_script(browser_with_notices())
    await ann.page.reload()
    await expect(switch).to_be_enabled()
    await expect(hide).to_be_disabled()
    assert await ann.page.evaluate("window.asked") == 0
    await switch.check()
    await expect(ann.page.get_by_text("Saved. Notifications: on, with the texts.")).to_be_visible()
    await hide.check()
    await expect(ann.page.get_by_text("Saved. Notifications: on, without the texts.")).to_be_visible()
    state = await (await ann.context.request.get(f"{ann.url}/api/push")).json()
    assert (state["subscribed"], state["hide_text"]) == (True, True)
    await switch.uncheck()
    await expect(ann.page.get_by_text("Saved. Notifications: off.")).to_be_visible()
    assert (await (await ann.context.request.get(f"{ann.url}/api/push")).json())["subscribed"] is False


async def test_an_iphone_is_told_how_to_get_them(chatter: MakeChatter) -> None:
    ann = await chatter(
        "Ann", user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"
    )
    await ann.page.goto(f"{ann.url}/settings")
    await expect(ann.page.get_by_text("tap Share, then “Add to Home Screen”")).to_be_visible()
