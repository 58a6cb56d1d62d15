-- Who is not findable is not in the user list: not by the index of it, and without prefixes.
ALTER TABLE users ADD COLUMN findable boolean NOT NULL DEFAULT true;
CREATE INDEX users_findable ON users (username) WHERE findable;

CREATE OR REPLACE FUNCTION spell_name_prefixes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM name_prefixes WHERE user_id = NEW.id;
    END IF;
    INSERT INTO name_prefixes (prefix, username, user_id)
    SELECT left(NEW.name_folded, n), NEW.username, NEW.id
    FROM generate_series(1, char_length(NEW.name_folded)) AS n
    WHERE NEW.findable AND NOT starts_with(NEW.username, left(NEW.name_folded, n));
    RETURN NULL;
END
$$;
DROP TRIGGER spell_name_prefixes ON users;
CREATE TRIGGER spell_name_prefixes AFTER INSERT OR UPDATE OF name_folded, findable ON users
    FOR EACH ROW EXECUTE FUNCTION spell_name_prefixes();
