"""Request heads, for requests that no HTTP client would send."""


def head(first: str, port: int, *lines: str) -> bytes:
    """With our Host and the given lines."""
    return "\r\n".join([first, f"Host: 127.0.0.1:{port}", *lines, "", ""]).encode("latin-1")
