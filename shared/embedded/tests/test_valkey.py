from pathlib import Path

import pytest
from redis import asyncio as aioredis

from shared.embedded.errors import EmbeddedError
from shared.embedded.running import running_valkey
from shared.embedded.valkey import ValkeyServer


async def test_streams_work_and_nothing_is_ever_evicted(clean_redis_url: str) -> None:
    client = aioredis.from_url(clean_redis_url)
    try:
        await client.xadd("stream", {"frame": "x"})
        assert await client.xlen("stream") == 1
        assert (await client.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
    finally:
        await client.aclose()


def test_the_socket_is_closed_to_other_users(valkey_server: ValkeyServer) -> None:
    assert valkey_server.socket.parent.stat().st_mode & 0o077 == 0


def test_a_restart_forgets_everything(tmp_path: Path) -> None:
    with running_valkey(tmp_path / "v") as server:
        assert server.ask("SET key value").startswith("+OK")
    with running_valkey(tmp_path / "v") as server:
        assert server.ask("GET key").startswith("$-1")


def test_a_file_where_the_directory_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("a file")
    with pytest.raises(EmbeddedError, match=r"cannot make the directory .*/v: File exists"):
        ValkeyServer(tmp_path / "v").command()
