"""What the page is called that a message's first link leads to: appended by notify on behalf of the sender. Pure."""

from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from shared.wire.ids import MessageSeq
from shared.wire.problems import FieldError, Invalid
from shared.wire.text import line

PREVIEW = "preview"
"""The kind of such an event. No client can ask for it."""

MAX_LINK = 2048
MAX_CODE_POINTS = {"title": 200, "site": 80, "description": 300}


class LinkPreview(msgspec.Struct, frozen=True, omit_defaults=True):
    """The preview of a message's first link. url: that link. title, site, description: one line each, as the page says.

    site, description: absent where the page says none.
    """

    url: str
    title: str
    site: str = ""
    description: str = ""


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Gives a message the preview of its first link, or takes it away if there is no `url`. As LinkPreview.

    target: the seq of the message. of: that of the event with the text that it is about, the message or an edit of it.
    """

    target: MessageSeq
    of: MessageSeq
    url: Annotated[str, Meta(max_length=MAX_LINK)] = ""
    title: str = ""
    site: str = ""
    description: str = ""


def checked(preview: Preview) -> Preview:
    """The same. Raises Invalid, which names the field, unless it is in its normal form."""
    words = {name: getattr(preview, name) for name in MAX_CODE_POINTS}
    errors = [
        FieldError(f"/body/{name}", f"must be one clean line of at most {MAX_CODE_POINTS[name]} characters")
        for name, text in words.items()
        if text != line(text, MAX_CODE_POINTS[name])
    ]
    if preview.url and not is_link(preview.url):
        errors.append(FieldError("/body/url", "must be an http or https address"))
    if bool(preview.url) is not bool(preview.title) or (any(words.values()) and not preview.url):
        errors.append(FieldError("/body/title", "must go with a url"))
    if errors:
        raise Invalid(errors)
    return preview


def is_link(text: str) -> bool:
    """Whether it is an address of the web, as a text may hold it."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and line(text, MAX_LINK) == text
