"""The settings of the game service."""

from shared.plumbing.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """Only what every program has: the AI move keeps no state."""
