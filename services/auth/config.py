"""The settings of the auth service."""

from shared.plumbing.settings.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """On top of what every program has: where accounts and counters are kept."""

    postgres_url: str
    redis_url: str
