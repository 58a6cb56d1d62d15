"""Duet as `make run` starts it, on a data directory of its own, limits off."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from bench.targets.running import Person, Running
from bench.targets.servers import REPOSITORY, scratch_directory
from deploy.local.settings import from_environment, relays_here
from deploy.local.table import embedded_postgres
from shared.testing.product import Product, running_product

_MAKE_USERS = """
INSERT INTO auth.users (username, display_name, name_folded, password)
SELECT name, name, name, '' FROM unnest($1::text[]) AS name
ON CONFLICT DO NOTHING
"""
_MAKE_SESSIONS = """
INSERT INTO auth.sessions (token_hash, user_id, device_hash, user_agent)
SELECT hash, users.id, hash, 'bench'
FROM unnest($1::text[], $2::bytea[]) AS made (name, hash) JOIN auth.users ON username = name
"""


@dataclass
class RunningDuet(Running):
    """People get accounts and sessions by SQL: a thousand argon2id hashes take minutes."""

    product: Product = field(kw_only=True)

    async def log_in(self, usernames: Sequence[str]) -> list[Person]:
        tokens = [secrets.token_urlsafe(32) for _ in usernames]
        hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
        connection = await asyncpg.connect(self.postgres_url)
        try:
            await connection.execute(_MAKE_USERS, usernames)
            await connection.execute(_MAKE_SESSIONS, usernames, hashes)
        finally:
            await connection.close()
        cookie = f"duet_{self.product.port}"
        return [(name, f"{cookie}={token}") for name, token in zip(usernames, tokens, strict=True)]


@contextmanager
def duet(
    settings: Mapping[str, str] | None = None,
    relays: int | None = None,
    threads: int = 1,
    repository: Path = REPOSITORY,
) -> Iterator[RunningDuet]:
    """relays: how many nodes, if not as many as by default; threads: how many processes share the relays.

    repository: the checkout whose Duet it is; its accounts' tables must be those of this one.
    """
    told = {"DUET_RATE_LIMITS": "off", "DUET_RELAYS": str(relays or relays_here()), **(settings or {})}
    module = "deploy.local"
    if threads > 1:
        module, told["BENCH_THREADS"] = "bench.scale.supervise", str(threads)
    with (
        scratch_directory("duet") as directory,
        running_product(told, directory, module=module, repository=repository) as product,
    ):
        where = from_environment({"DUET_DATA_DIR": str(product.data_dir)})
        roots = {"supervisor": [product.process.pid]} | {
            name: [product.pid(name)] for name in product.names()
        }
        yield RunningDuet(
            "duet", [product.url], roots, embedded_postgres(where).dsn(), "threads.events", product=product
        )
