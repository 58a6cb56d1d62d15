"""What becomes known of the log, to those who are here: in order, once."""
