"""Redis: who is where, the hints, and the connections that carry them."""
