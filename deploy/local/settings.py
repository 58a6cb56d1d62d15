"""What the local run reads from the environment. The programs read the rest of DUET_* themselves."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.plumbing.settings.known import SettingError, given
from shared.plumbing.settings.tracing import tracing
from shared.plumbing.transport.address import in_url, reachable

REPOSITORY = Path(__file__).resolve().parents[2]
"""What the programs are run in: a checkout, or the directory where the package is installed."""
IS_CHECKOUT = (REPOSITORY / "pyproject.toml").is_file()
OWNERS_OF_DATA = ("auth", "threads", "game", "media", "notify")


@dataclass(frozen=True)
class Settings:
    port: int
    """DUET_PORT (8000): the only public port."""
    bind: str
    """DUET_BIND (127.0.0.1): the address it listens on."""
    public_url: str
    """DUET_PUBLIC_URL: what people type; by default made of bind and port."""
    data_dir: Path
    """DUET_DATA_DIR (see default_data_dir): database, keys, logs, sockets, backups."""
    keys_dir: Path
    """DUET_KEYS_DIR (<data dir>/keys)."""
    relays: int
    """DUET_RELAYS (one for every two cores, 1-4): how many relay nodes to start."""
    postgres_url: str
    """DUET_POSTGRES_URL: a server of yours; empty: the embedded one."""
    redis_url: str
    """DUET_REDIS_URL: a server of yours; empty: the embedded one."""
    metrics_listen: str
    """DUET_METRICS_LISTEN: where the gateway's metrics are; the others' are a port further on each."""
    drain_delay_s: float
    """DUET_DRAIN_DELAY_S (0): how long the gateway and the relays serve on at SIGTERM, not ready."""
    postgres_urls_by_service: Mapping[str, str]
    """DUET_AUTH_POSTGRES_URL, DUET_THREADS_POSTGRES_URL and so on, where given."""
    shard_urls: Sequence[str]
    """DUET_SHARD_URLS: further servers of the log."""

    backup: str
    """DUET_BACKUP (off): hourly, daily or weekly."""
    wants_s3: bool
    """DUET_MEDIA_S3_URL: whether files are in a bucket."""

    @property
    def address(self) -> str:
        """Where this machine reaches the public port: an address to connect to, never a wildcard."""
        return reachable(self.bind)

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "log"

    @property
    def given_postgres_urls(self) -> list[str]:
        """The servers that are not ours, each once."""
        services = [self.postgres_urls_by_service.get(name) or self.postgres_url for name in OWNERS_OF_DATA]
        return sorted({url for url in (*services, *self.shard_urls) if url})

    @property
    def one_database(self) -> bool:
        return len(self.given_postgres_urls) + self.needs_embedded_postgres == 1

    @property
    def needs_embedded_postgres(self) -> bool:
        return not self.postgres_url and len(self.postgres_urls_by_service) < len(OWNERS_OF_DATA)


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingError for the first setting that cannot be used."""
    tracing(environment)  # which refuses what cannot be
    environment = given(environment)
    port = int(environment.get("DUET_PORT") or 8000)
    bind = environment.get("DUET_BIND") or "127.0.0.1"
    place = environment.get("DUET_DATA_DIR")
    data_dir = _directory(place) if place else default_data_dir(environment)
    by_service = {name: environment.get(f"DUET_{name.upper()}_POSTGRES_URL", "") for name in OWNERS_OF_DATA}
    return Settings(
        port=port,
        bind=bind,
        public_url=environment.get("DUET_PUBLIC_URL") or f"http://{in_url(reachable(bind))}:{port}",
        data_dir=data_dir,
        keys_dir=_directory(environment.get("DUET_KEYS_DIR") or str(data_dir / "keys")),
        relays=int(environment.get("DUET_RELAYS") or relays_here()),
        postgres_url=environment.get("DUET_POSTGRES_URL", ""),
        redis_url=environment.get("DUET_REDIS_URL", ""),
        metrics_listen=environment.get("DUET_METRICS_LISTEN", ""),
        drain_delay_s=float(environment.get("DUET_DRAIN_DELAY_S") or 0),
        postgres_urls_by_service={name: url for name, url in by_service.items() if url},
        shard_urls=(
            environment.get("DUET_THREADS_SHARD_URLS") or environment.get("DUET_SHARD_URLS", "")
        ).split(),
        backup=environment.get("DUET_BACKUP") or "off",
        wants_s3=bool(environment.get("DUET_MEDIA_MEDIA_S3_URL") or environment.get("DUET_MEDIA_S3_URL")),
    )


def relays_here() -> int:
    """As many as this machine has use for: a node is busy on one core, and what it asks is busy on another."""
    return max(1, min(4, (os.cpu_count() or 2) // 2))


def default_data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """`var` in a checkout, else where the XDG specification has a user's data. Raises SettingError without a home."""
    if IS_CHECKOUT:
        return REPOSITORY / "var"
    base = environment.get("XDG_DATA_HOME", "")
    try:
        return (Path(base) if os.path.isabs(base) else Path("~/.local/share").expanduser()) / "duet"
    except RuntimeError:
        raise SettingError(
            "DUET_DATA_DIR is not set, and there is no home directory to put data in"
        ) from None


def _directory(text: str) -> Path:
    """A relative one begins at the checkout, wherever make was called; else where the command is given."""
    base = REPOSITORY if IS_CHECKOUT else Path.cwd()
    return (base / Path(text).expanduser()).resolve()
