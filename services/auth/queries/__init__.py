"""All SQL of the auth service: constants, and functions that take the connection first and return types."""
