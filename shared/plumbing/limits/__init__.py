"""How much of something one may have."""
