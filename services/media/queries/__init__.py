"""SQL as constants; functions take `conn` first and return types. The caller owns the transaction."""
