"""The user list: a query's folded forms, the opaque cursor, and who is online."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from services.auth.names import search_form
from services.auth.queries import settings
from services.auth.queries import user_list as queries
from shared.plumbing.postgres.database import Database
from shared.plumbing.redis.directory import Directory
from shared.wire.http import UserItem, Users, UsersQuery
from shared.wire.ids import is_username
from shared.wire.problems import FieldError, Invalid


async def page(db: Database, directory: Directory, caller: int, asked: UsersQuery) -> Users:
    """One page, without the caller. Raises Invalid (?query, ?cursor). Nobody is online while Redis is away.

    Who is here, and when, is told to those who show it, of those who do.
    """
    if not all(map(_can_be_stored, asked.query)):
        raise Invalid([FieldError("?query", "holds a character that no name has")])
    async with db.connection() as conn:
        found = await queries.page(
            conn,
            prefix=search_form(asked.query),
            after=decode_cursor(asked.cursor),
            without=caller,
            limit=asked.limit + 1,
        )
        own = await settings.of(conn, caller)
    shown = found[: asked.limit]
    told = {p.user for p in shown if own and own.last_seen and p.seeing.last_seen}
    online = await directory.online(told)
    return Users(
        [
            UserItem(p.username, p.display_name, p.user in online, p.last_seen if p.user in told else None)
            for p in shown
        ],
        encode_cursor(shown[-1].username) if len(found) > len(shown) else None,
    )


def encode_cursor(username: str) -> str:
    """The cursor of the page after `username`."""
    return urlsafe_b64encode(username.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The username it stands for; "" (before all) for no cursor. Raises Invalid."""
    if not cursor:
        return ""
    try:
        username = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        username = ""
    if not is_username(username):
        raise Invalid([FieldError("?cursor", "is not one that this list gave")])
    return username


def _can_be_stored(char: str) -> bool:
    return char != "\x00" and not "\ud800" <= char <= "\udfff"
