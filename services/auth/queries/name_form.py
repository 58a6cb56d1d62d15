"""Display names as they are searched, in the form of an earlier version."""

from collections.abc import Sequence

from shared.plumbing.postgres.database import Connection

# Another process that is at it is not waited for: it does the same.
_OUTDATED = """
SELECT u.id, u.display_name
FROM (SELECT renewed FROM name_form WHERE form < $1 FOR UPDATE SKIP LOCKED) AS n
CROSS JOIN LATERAL (
    SELECT id, display_name FROM users WHERE id > n.renewed ORDER BY id LIMIT $2
) AS u
ORDER BY u.id
"""
# Who is renamed meanwhile has the new name's form already.
_RENEW = """
UPDATE users SET name_folded = new.name_folded
FROM (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) AS new (id, display_name, name_folded) ORDER BY id
) AS new
WHERE users.id = new.id AND users.display_name = new.display_name AND users.name_folded <> new.name_folded
"""
_RENEWED = "UPDATE name_form SET renewed = $1"
_ALL_RENEWED = (
    "UPDATE name_form SET form = $1, renewed = 0 WHERE form < $1 AND renewed >= (SELECT max(id) FROM users)"
)


async def outdated(conn: Connection, form: int, limit: int) -> list[tuple[int, str]]:
    """The next users whose form may be older, and what they are called."""
    return [(user, name) for user, name in await conn.fetch(_OUTDATED, form, limit)]


async def renew(conn: Connection, found: Sequence[tuple[int, str]], forms: Sequence[str]) -> None:
    """The forms of these names, of the next users in order."""
    users, names = zip(*found, strict=True)
    await conn.execute(_RENEW, users, names, forms)
    await conn.execute(_RENEWED, users[-1])


async def all_renewed(conn: Connection, form: int) -> None:
    """Marks the form, if nobody is left."""
    await conn.execute(_ALL_RENEWED, form)
