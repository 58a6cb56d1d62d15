"""Delivers what becomes known of the log to the connections here: in order, once."""
