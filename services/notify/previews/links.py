"""The link of a message that gets a preview: the first one, if it is not code. Pure.

Where it ends is said by lib/links.js, for the page; what is odd enough to be cut otherwise here has no preview, or
that of the address without its end.
"""

import re

from shared.wire.changes import EDIT
from shared.wire.log_calls import Logged
from shared.wire.messages import MESSAGE
from shared.wire.previews import MAX_LINK, is_link

_FENCE = "```"
_TICKS = re.compile("`+")
_FOREIGN = "«»\u2000-\u200b\u2018-\u201f\u2026-\u202e\u2039\u203a\u2060-\u206f\u3000-\u303f\uff00-\uffef"
_LINK = re.compile(
    rf"(?<![A-Za-z0-9])https?://[^\s<>\"\\\x00-\x1f\x7f-\x9f{_FOREIGN}]{{1,{MAX_LINK}}}", re.IGNORECASE
)
_LOOSE = ".,;:!?'*_~´|"
"""Part of an address in its middle, and of the sentence at its end."""
_OPENS = {")": "(", "]": "[", "}": "{"}


def looked_at(event: Logged) -> int | None:
    """The seq of the message whose link may be another one since this event."""
    if event.kind == EDIT:
        return event.target
    return event.seq if event.kind == MESSAGE and "://" in event.body else None


def first_link(text: str) -> str | None:
    """None where there is none that is an address."""
    found = _LINK.search(_without_code(text))
    if found is None:
        return None
    link = _trimmed(found[0])
    return link if is_link(link) else None


def _trimmed(link: str) -> str:
    """Without what belongs to the sentence around it."""
    while link and (link[-1] in _LOOSE or _closes_nothing(link)):
        link = link[:-1]
    return link


def _closes_nothing(link: str) -> bool:
    opens = _OPENS.get(link[-1])
    return opens is not None and link.count(opens) < link.count(link[-1])


def _without_code(text: str) -> str:
    lines, fenced = [], False
    for line in text.split("\n"):
        if line.lstrip().startswith(_FENCE):
            fenced = not fenced
        elif not fenced:
            lines.append(_outside_of_ticks(line))
    return "\n".join(lines)


def _outside_of_ticks(line: str) -> str:
    parts = _TICKS.split(line)
    closed = len(parts) - (len(parts) % 2 == 0)  # after the last backtick, nothing is code
    return " ".join(part for place, part in enumerate(parts) if place % 2 == 0 or place >= closed)
