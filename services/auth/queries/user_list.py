"""The user list: pages of findable accounts by a prefix of either name, in the order of usernames."""

from services.auth.queries import users
from shared.plumbing.postgres.database import Connection
from shared.wire.accounts import Profile

MAX_PAGE = 200
_AFTER_ANY_USERNAME = "~"  # sorts after every character of a username

# The inner limits are constants (MAX_PAGE + 1): with a parameter the generic plan expects a tenth of all users
# and reads the whole table.
PAGE = f"""
WITH found AS (
    (SELECT id, username FROM users
     WHERE username > $1 AND username >= $2 AND username < $3 AND id <> $4 AND findable
     ORDER BY username LIMIT 201)
    UNION
    (SELECT user_id, username FROM name_prefixes
     WHERE prefix = $2 AND username > $1 AND user_id <> $4
     ORDER BY username LIMIT 201)
)
SELECT {users.PROFILE}
FROM (SELECT id FROM found ORDER BY username LIMIT $5) AS shown JOIN users ON users.id = shown.id
ORDER BY users.username
"""  # noqa: S608  # a constant


async def page(conn: Connection, *, prefix: str, after: str, without: int, limit: int) -> list[Profile]:
    """Up to `limit` (1-201) accounts with username > `after`, ascending by username, each once.

    prefix: as names are searched, of the username too, or those whose two names begin alike would be missed; an empty
    one matches everyone. without: a user id.
    """
    highest = prefix + _AFTER_ANY_USERNAME
    rows = await conn.fetch(PAGE, after, prefix, highest, without, limit)
    return [users.profile(row) for row in rows]
