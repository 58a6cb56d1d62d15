-- When some game process last looked after the games: time that passed while none could is nobody's.
CREATE TABLE beats (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO beats DEFAULT VALUES;
