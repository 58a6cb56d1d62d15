"""The AI as somebody to have a thread with: a profile without an account, so nobody can log in as it. Pure."""

import unicodedata
from collections.abc import Collection, Sequence

from shared.wire.accounts import AI_USER, AI_USERNAME, Profile

PROFILE = Profile(AI_USER, AI_USERNAME, "Tic-tac-toe AI", None)
_LOOK_ALIKES = {
    "a": "аαɑᴀ⍺",
    "c": "сϲᴄⲥ",
    "e": "еεєҽᴇ℮",
    "i": "іιıɩɪӏlǀ1|!Ꭵⲓ",
    "o": "оοσօᴏⲟø0",
    "t": "тτᴛ",
}
"""For the letters of the AI's names: what passes for them, by Unicode's list of confusables (UTS 39)."""
_DRAWN_ALIKE = {ord(other): letter for letter, others in _LOOK_ALIKES.items() for other in others}


def if_named(usernames: Collection[str], accounts: Sequence[Profile]) -> list[Profile]:
    """The AI, if its name is asked for. An account that had the name earlier keeps it."""
    taken = any(profile.username == AI_USERNAME for profile in accounts)
    return [PROFILE] if AI_USERNAME in usernames and not taken else []


def if_asked(users: Collection[int]) -> list[Profile]:
    """The AI, if its id is asked for."""
    return [PROFILE] if AI_USER in users else []


def resembles(name: str) -> bool:
    """Whether a username or a display name could pass for the AI's."""
    return _skeleton(name) in _SKELETONS


def _skeleton(name: str) -> str:
    """The letters of a name as they are drawn: without case, width, accents, and whatever stands between them."""
    alike = name.translate(_DRAWN_ALIKE)  # first: some compose to letters that look otherwise
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", alike).casefold())
    return "".join(filter(str.isalpha, folded.translate(_DRAWN_ALIKE)))


_SKELETONS = {_skeleton(name) for name in (PROFILE.username, PROFILE.display_name)}
