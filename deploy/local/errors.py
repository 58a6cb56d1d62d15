class CannotStart(Exception):
    """Duet cannot start. The text tells the person at the terminal why."""
