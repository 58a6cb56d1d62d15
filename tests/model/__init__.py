"""The real append, batch, hub, replay and hello code on a real PostgreSQL, with a network that a test commands."""
