"""Messages in their current state, in SQL: what `frames.Current` is made of."""

COLUMNS = """e.seq, e.sender_id, e.client_id, e.body, e.created_at, e.target, e.version, e.edited_at, e.deleted_at,
    e.low_reaction, e.high_reaction, e.attachments, e.preview"""
"""Of `of`, there called e. Its body is the current text."""

SIZE_OF_EVENT = "octet_length(body) + coalesce(octet_length(attachments), 0)"
"""How much an event takes of a page."""

SIZE = f"{SIZE_OF_EVENT} + coalesce(octet_length(preview), 0)"
"""The same of one of `of`."""


def of(events: str) -> str:
    """These rows of `events`, each with its state."""
    return f"""
    SELECT m.thread_id, m.seq, m.sender_id, m.client_id, coalesce(s.text, m.body) AS body, m.created_at, m.target,
        coalesce(s.version, m.seq) AS version, s.edited_at, m.deleted_at, s.low_reaction, s.high_reaction,
        m.attachments, s.preview
    FROM ({events}) AS m
    LEFT JOIN LATERAL (
        SELECT * FROM message_states WHERE thread_id = m.thread_id AND seq = m.seq LIMIT 1
    ) AS s ON true
"""  # noqa: S608  # constants
