"""The settings of the game service."""

import os

from shared.plumbing.settings.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """postgres_url, threads_url: for live games; the AI's endpoints need neither.

    redis_url: where the engine's use is counted for all game processes; empty: each for itself.
    ai_pace_s: between the moves of an AI that plays itself, so that people can follow.
    engine_workers: processes that search for moves (m,n,k and ultimate). Of two and more, one is kept for live games.
    """

    postgres_url: str
    threads_url: str
    redis_url: str = ""
    ai_pace_s: float = 1.0
    engine_workers: int = max(2, min(4, (os.cpu_count() or 2) // 2))
