-- How loud the parts of a sound are, as whoever sent it says.
ALTER TABLE attachments ADD COLUMN peaks text;
