-- Whether the links that somebody sends are looked at, so that both members see what the page is called.
ALTER TABLE users ADD COLUMN link_previews boolean NOT NULL DEFAULT true;
