class EmbeddedError(Exception):
    """An embedded server cannot start. The text is one sentence for the person at the terminal."""
