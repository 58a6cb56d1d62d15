"""The relay: one process is one node, and holds the websockets."""
