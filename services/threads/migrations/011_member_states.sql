-- What each person keeps about a thread for themself, as docs/decisions/0014-member-state.md says; the thread need not
-- be there yet. archived_through: a message after it brings the thread back; of one that none brings back, the highest
-- bigint. muted_until: from the year 9999 on, forever. threadless: there was no thread when the row was made.
CREATE TABLE member_states (
    owner bigint NOT NULL,
    peer bigint NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    draft text,
    reply_to bigint,
    muted_until timestamptz,
    archived_through bigint,
    marked_unread boolean NOT NULL DEFAULT false,
    threadless boolean NOT NULL,
    PRIMARY KEY (owner, peer)
) WITH (fillfactor = 70);
ALTER TABLE member_states ALTER COLUMN draft SET STATISTICS 0;
-- Small, of those alone that are marked: all that a read which ends nothing costs is a look into the first.
CREATE INDEX member_states_marked ON member_states (owner, peer) WHERE marked_unread;
CREATE INDEX member_states_archived ON member_states (owner, peer) WHERE archived_through IS NOT NULL;
CREATE INDEX member_states_threadless ON member_states (owner) WHERE threadless;

-- Takes the marks off that their owners end by reading: who says at least what they had read. Arguments as of mark_read,
-- with -1 for nothing said. A row for each that was taken off, in the order in which two calls do not wait for each other.
CREATE FUNCTION end_marks(p_low bigint[], p_high bigint[], p_low_read bigint[], p_high_read bigint[])
RETURNS TABLE (low bigint, high bigint, owner bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_marked record;
BEGIN
    FOR v_marked IN
        SELECT mark.low, mark.high, said.owner, said.peer
        FROM unnest(p_low, p_high, p_low_read, p_high_read) AS mark (low, high, low_read, high_read)
        CROSS JOIN LATERAL (
            VALUES (mark.low, mark.high, mark.low_read), (mark.high, mark.low, mark.high_read)
        ) AS said (owner, peer, seq)
        CROSS JOIN LATERAL (
            SELECT FROM member_states WHERE owner = said.owner AND peer = said.peer AND marked_unread LIMIT 1
        ) AS marked
        LEFT JOIN LATERAL (
            SELECT CASE said.owner WHEN low THEN low_read ELSE high_read END AS read
            FROM threads WHERE low = mark.low AND high = mark.high LIMIT 1
        ) AS t ON true
        WHERE said.seq >= coalesce(t.read, 0)
        ORDER BY said.owner, said.peer
    LOOP
        UPDATE member_states SET marked_unread = false, revision = revision + 1
        WHERE owner = v_marked.owner AND peer = v_marked.peer AND marked_unread;
        IF FOUND THEN
            low := v_marked.low;
            high := v_marked.high;
            owner := v_marked.owner;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
