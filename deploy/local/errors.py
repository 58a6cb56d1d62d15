class CannotStart(Exception):
    """Duet cannot start. The text is the last word to the person at the terminal."""
