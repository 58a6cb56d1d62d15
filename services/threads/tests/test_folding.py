"""Who folds the log over any page of messages ends with the current state: by version, however they overlap."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.threads.tests.driver import Service, User, change, item
from services.threads.tests.fake_auth import FakeAuth
from shared.wire.log import AppendItem

Message = dict[str, Any]
_EMOJI = ["\U0001f44d", "\u2764\ufe0f", None]

steps = st.tuples(
    st.sampled_from(["send", "send", "reply", "edit", "edit", "delete", "reaction", "reaction", "game.move"]),
    st.booleans(),
    st.integers(0, 30),
    st.sampled_from(_EMOJI),
)
batches = st.lists(st.lists(steps, min_size=1, max_size=6), min_size=1, max_size=8)


def asked(low: User, high: User, step: tuple[str, bool, int, str | None], number: int) -> AppendItem:
    """Many of these aim at nothing, at what is gone or at what is not theirs."""
    kind, by_low, target, emoji = step
    sender, to = (low, high) if by_low else (high, low)
    if kind == "send":
        return item(sender, to, f"text {number}")
    if kind == "reply":
        return item(sender, to, f"reply {number}", reply_to=target + 1)
    if kind == "game.move":
        return item(sender, to, "{}", kind=kind)
    bodies: dict[str, dict[str, Any]] = {"edit": {"text": f"edit {number}"}, "reaction": {"emoji": emoji}}
    return change(sender, to, kind, target + 1, **bodies.get(kind, {}))


def fold(messages: dict[int, Message], event: Message) -> None:
    """What a client does with each frame of the log."""
    if event["type"] == "message":
        if event["seq"] not in messages:
            same = {
                name: value for name, value in event.items() if name not in ("type", "text", "deleted_at")
            }
            text = {"deleted_at": event["deleted_at"]} if "deleted_at" in event else {"text": event["text"]}
            messages[event["seq"]] = {**same, **text, "version": event["seq"]}
        return
    message = messages.get(event["body"].get("target"))
    if message is None or event["seq"] <= message["version"]:
        return
    message["version"] = event["seq"]
    if event["kind"] == "edit":
        message["edited_at"] = event["sent_at"]
        if "text" in event["body"]:
            message["text"] = event["body"]["text"]
    elif event["kind"] == "delete":
        message["deleted_at"] = event["sent_at"]
        message.pop("text", None)
        message.pop("reactions", None)
    elif "deleted_at" not in message:
        react(message, event["sender"], event["body"]["emoji"])


def react(message: Message, sender: str, emoji: str | None) -> None:
    given = {name: one["emoji"] for one in message.pop("reactions", []) for name in one["by"]}
    given[sender] = emoji
    by: dict[str, list[str]] = {}
    for name in sorted(given):
        if given[name]:
            by.setdefault(given[name], []).append(name)
    if by:
        message["reactions"] = [{"emoji": one, "by": names} for one, names in by.items()]


async def test_the_log_folded_over_any_page_is_the_current_state(threads: Service, auth: FakeAuth) -> None:
    found: list[list[list[tuple[str, bool, int, str | None]]]] = []

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(batches)
    def collect(some: list[list[tuple[str, bool, int, str | None]]]) -> None:
        found.append(some)

    collect()
    link = await threads.link()
    for example, some in enumerate(found):
        low, high = User(1000 + example, f"a{example:03}"), User(5000 + example, f"b{example:03}")
        auth.add(low.id, low.name)
        auth.add(high.id, high.name)
        states: list[dict[int, Message]] = [{}]
        for number, steps in enumerate(some):
            await link.append(
                *(asked(low, high, step, number * 10 + place) for place, step in enumerate(steps))
            )
            page = await threads.page(low, high, limit=200)
            states.append({one["seq"]: one for one in page["messages"]})
        _, log = await threads.as_user(low, "GET", f"/api/threads/{high.name}/events", limit=200)
        assert [one["seq"] for one in log["events"]] == list(range(1, log["head"] + 1))
        for start in states:
            for event in log["events"]:
                fold(start, event)
            assert start == states[-1], some
