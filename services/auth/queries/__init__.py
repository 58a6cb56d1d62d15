"""All SQL of the auth service: constants, the connection first, typed results."""
