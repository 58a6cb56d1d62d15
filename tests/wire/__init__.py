"""What programs said to one another in each released version, and whether today's still understand it."""
