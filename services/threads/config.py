"""The settings of the threads service."""

from shared.plumbing.settings.config import BaseConfig


class Config(BaseConfig, frozen=True, kw_only=True):
    """postgres_pool: the most connections to PostgreSQL. quota_mb: what one person may store; 0 for any amount.

    replication: "synchronous" where it is not ready unless PostgreSQL waits for a standby.

    media_url: "" where no files are taken. shard_urls: of the other shards of the log, where it is on several servers.
    """

    postgres_url: str
    redis_url: str
    auth_url: str
    media_url: str = ""
    postgres_pool: int = 16
    quota_mb: int = 1024
    replication: str = "none"
    shard_urls: str = ""
