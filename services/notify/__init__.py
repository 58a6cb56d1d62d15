"""Web Push: tells people who are away. The only program with a way out to the internet."""
