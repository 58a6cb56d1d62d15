"""The AI as somebody to have a thread with: a profile without an account, so nobody can log in as it. Pure."""

from collections.abc import Collection, Sequence

from shared.wire.accounts import AI_USER, AI_USERNAME, Profile

PROFILE = Profile(AI_USER, AI_USERNAME, "Tic-tac-toe AI", None)


def if_named(usernames: Collection[str], accounts: Sequence[Profile]) -> list[Profile]:
    """The AI, if its name is asked for. An account that had the name earlier keeps it."""
    taken = any(profile.username == AI_USERNAME for profile in accounts)
    return [PROFILE] if AI_USERNAME in usernames and not taken else []


def if_asked(users: Collection[int]) -> list[Profile]:
    """The AI, if its id is asked for."""
    return [PROFILE] if AI_USER in users else []
