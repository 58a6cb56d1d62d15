"""The settings of the threads service."""

from shared.plumbing.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """postgres_pool: connections to PostgreSQL at most."""

    postgres_url: str
    redis_url: str
    auth_url: str
    postgres_pool: int = 16
