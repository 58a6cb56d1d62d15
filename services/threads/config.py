"""The settings of the threads service."""

from shared.plumbing.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """postgres_pool: the most connections to PostgreSQL."""

    postgres_url: str
    redis_url: str
    auth_url: str
    postgres_pool: int = 16
