"""Live games in a thread: rules that are pure, their state in PostgreSQL, their events in the thread's log."""
