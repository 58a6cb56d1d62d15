"""Who folds the log over any page of messages ends with the current state: by version, however they overlap."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.threads.tests.driver import Start, User, change, item
from services.threads.tests.fake_auth import FakeAuth
from shared.testing.fake_media import FakeMedia
from shared.testing.folded import Folded
from shared.wire.attachments import NamedAttachment
from shared.wire.link import AppendItem

Step = tuple[str, bool, int, str | None]
Steps = list[Step]
_EMOJI = ["\U0001f44d", "\u2764\ufe0f", None]

steps = st.tuples(
    st.sampled_from(
        ["send", "photo", "reply", "edit", "edit", "delete", "reaction", "reaction", "game.move"]
    ),
    st.booleans(),
    st.integers(0, 30),
    st.sampled_from(_EMOJI),
)
batches = st.lists(st.lists(steps, min_size=1, max_size=6), min_size=1, max_size=8)


def asked(media: FakeMedia, low: User, high: User, step: Step, number: int) -> AppendItem:
    """Many of these aim at nothing, at what is gone or at what is not theirs."""
    kind, by_low, target, emoji = step
    sender, to = (low, high) if by_low else (high, low)
    if kind == "send":
        return item(sender, to, f"text {number}")
    if kind == "photo":
        named = [NamedAttachment(media.add(sender.id), f"photo {number}")]
        return msgspec.structs.replace(item(sender, to, ""), attachments=named)
    if kind == "reply":
        return item(sender, to, f"reply {number}", reply_to=target + 1)
    if kind == "game.move":
        return item(sender, to, "{}", kind=kind)
    bodies: dict[str, dict[str, Any]] = {
        "edit": {"text": f"edit {number}" if number % 3 else ""},
        "reaction": {"emoji": emoji},
    }
    return change(sender, to, kind, target + 1, **bodies.get(kind, {}))


async def test_the_log_folded_over_any_page_is_the_current_state(
    start: Start, auth: FakeAuth, media: FakeMedia
) -> None:
    threads = await start(media_url=media.url)
    found: list[list[Steps]] = []

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(batches)
    def collect(some: list[Steps]) -> None:
        found.append(some)

    collect()
    link = await threads.link()
    for example, some in enumerate(found):
        low, high = User(1000 + example, f"a{example:03}"), User(5000 + example, f"b{example:03}")
        auth.add(low.id, low.name)
        auth.add(high.id, high.name)
        starts = [Folded()]
        for number, steps in enumerate(some):
            await link.append(
                *(asked(media, low, high, step, number * 10 + place) for place, step in enumerate(steps))
            )
            now = (await threads.page(low, high, limit=200))["messages"]
            starts.append(_page(now))
        _, log = await threads.as_user(low, "GET", f"/api/threads/{high.name}/events", limit=200)
        assert [one["seq"] for one in log["events"]] == list(range(1, log["head"] + 1))
        for held in starts:
            for event in log["events"]:
                held.apply(event)
            assert held.messages == _page(now).messages, some


def _page(messages: list[dict[str, Any]]) -> Folded:
    held = Folded()
    held.apply_page(messages)
    return held
