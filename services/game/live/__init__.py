"""Live games in a thread: pure rules, state in PostgreSQL, events in the thread's log."""
