-- form: in which all of users.name_folded is, up to a change of shared/plumbing/folding.py, after which they are
-- folded anew; renewed: the last user that has been.
CREATE TABLE name_form (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    form int NOT NULL DEFAULT 1,
    renewed bigint NOT NULL DEFAULT 0
);
INSERT INTO name_form DEFAULT VALUES;
