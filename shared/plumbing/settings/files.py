"""DUET_X_FILE: a setting that stands in a file, since whoever may look at a container sees its environment."""

import os
from collections.abc import Mapping

SUFFIX = "_FILE"
_LONGEST_BYTES = 256 * 1024


def text_in(path: str) -> str:
    """Without the line end that editors leave. Raises ValueError, which says neither the path nor what is there."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            content = file.read(_LONGEST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"names a file that cannot be read: {error.strerror}") from None
    try:
        text = content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or len(content) > _LONGEST_BYTES:
        raise ValueError("names a file that is no text of a setting")
    if not text:
        raise ValueError("names a file that is empty")
    return text


def file_of(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """Where the setting `name` stands; "" if in no file."""
    return environ.get(f"{name}{SUFFIX}", "")


def with_settings(environ: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a child process that is told these, whatever a file says."""
    others = {name: text for name, text in environ.items() if name.removesuffix(SUFFIX) not in values}
    return {**others, **values}
