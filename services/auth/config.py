"""The settings of the auth service."""

from shared.plumbing.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """What every program has, and where accounts and counters are kept."""

    postgres_url: str
    redis_url: str
