"""SQL as constants; functions take the connection first and return types."""
