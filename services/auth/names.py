"""Rules of names: what an account may be called, and how names are searched."""

from services.auth import ai
from shared.plumbing.folding import folded
from shared.wire.ids import bare, fold, is_username
from shared.wire.problems import FieldError, Invalid
from shared.wire.text import MAX_DISPLAY_NAME_CODE_POINTS, display_name


def folded_username(typed: str) -> str:
    """The stored form of a new account's name. Raises Invalid, pointer /username."""
    username = fold(typed)
    if not typed.isascii() or not is_username(username):
        raise Invalid(
            [
                FieldError(
                    "/username",
                    "must be 3 to 32 letters (a to z), digits or _ . - and start with a letter or digit",
                )
            ]
        )
    return username


def shown_name(typed: str) -> str:
    """The stored form of a display name. Raises Invalid, pointer /display_name."""
    shown = display_name(typed)
    if ai.resembles(shown):
        raise Invalid([FieldError("/display_name", "is too much like the name of the AI")])
    return shown


def search_form(name: str) -> str:
    """`name` as the user list compares it: folded, and without a leading @.

    At most 64 code points: a single one can unfold to 18, and every prefix of what is stored becomes a row.
    """
    return bare(folded(name))[:MAX_DISPLAY_NAME_CODE_POINTS]
