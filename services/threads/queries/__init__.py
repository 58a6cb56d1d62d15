"""SQL as constants; functions take the connection first and give typed results."""
