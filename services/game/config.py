"""The settings of the game service."""

from shared.plumbing.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """postgres_url, threads_url: for live games; the AI's endpoints need neither.

    ai_pace_s: between the moves of an AI that plays itself, so that people can follow.
    """

    postgres_url: str
    threads_url: str
    ai_pace_s: float = 1.0
