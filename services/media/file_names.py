"""The names of files, as people see them and as browsers save them. Pure."""

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

from services.media.file_types import WEBP
from shared.wire.attachments import MAX_NAME_CODE_POINTS
from shared.wire.problems import FieldError, Invalid
from shared.wire.text import composed, is_blank

_POINTER = "?name"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def cleaned(name: str) -> str:
    """The last part of a path, in NFC, without characters that are not seen: one could turn `exe.jpg` around.

    Raises Invalid if nothing is left.
    """
    bare = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(char for char in bare if unicodedata.category(char) not in _UNSEEN)
    normal = composed(seen.strip(), MAX_NAME_CODE_POINTS, _POINTER)
    if is_blank(normal) or normal.strip(".") == "":
        raise Invalid([FieldError(_POINTER, "is not the name of a file")])
    return normal


def disposition(name: str, kind: str, *, inline: bool) -> str:
    """The header. A photo is no more what its name says: it is saved as what it is."""
    if kind == WEBP:
        name = f"{PurePosixPath(name).stem}.webp"
    return f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"
