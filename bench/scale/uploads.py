"""What 50 uploads of 25 MB at once cost the gateway and media in memory, above what each takes when idle.

By hand: `python -m bench.scale.uploads`, half a minute and 1.3 GB of disk. The figures are in docs/performance.md.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator

import psutil

from shared.testing.people import Person
from shared.testing.product import Product, running_product
from shared.wire.ids import uuid7

_UPLOADS = 50
_MB = 1024 * 1024
_SIZE = 25 * _MB
_MOST_MB = 64
_PIECE = os.urandom(_MB)
_SETTINGS = {
    "DUET_RATE_LIMITS": "off",
    "DUET_RELAYS": "1",
    "DUET_MEDIA_DAY_MB": "100000",
    "DUET_MEDIA_PERSON_MB": "100000",
}


def main() -> None:
    """Prints a line for each program; fails if one takes more than it may."""
    with running_product(_SETTINGS) as product:
        asyncio.run(_measure(product))


async def _measure(product: Product) -> None:
    ann, bob = Person(product.url, "ann"), Person(product.url, "bob")
    for person in (ann, bob):
        await person.sign_up()
    await _upload(ann, _MB)
    names = ("gateway", "media")
    idle = {name: _rss(product, name) for name in names}
    peak, began = dict(idle), time.monotonic()
    watching = asyncio.create_task(_watch(product, peak))
    await asyncio.gather(*(_upload(ann, _SIZE) for _ in range(_UPLOADS)))
    took = time.monotonic() - began
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    for name in names:
        more = (peak[name] - idle[name]) / _MB
        print(f"{name}: {idle[name] / _MB:.0f} MiB idle, {more:.1f} MiB more with {_UPLOADS} uploads")
        assert more < _MOST_MB, name
    print(f"{_UPLOADS} of {_SIZE // _MB} MB in {took:.1f} s, {_UPLOADS * _SIZE / _MB / took:.0f} MB/s")
    for person in (ann, bob):
        await person.close()


async def _watch(product: Product, peak: dict[str, int]) -> None:
    while True:
        for name in peak:
            peak[name] = max(peak[name], _rss(product, name))
        await asyncio.sleep(0.05)


def _rss(product: Product, name: str) -> int:
    size: int = psutil.Process(product.pid(name)).memory_info().rss
    return size


async def _upload(person: Person, size: int) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(size // _MB):
            yield _PIECE

    path = f"/api/threads/bob/attachments?client_id={uuid7()}&name=large.bin"
    async with person.http.post(path, data=body(), headers={"Content-Length": str(size)}) as answer:
        assert answer.status == 201, await answer.read()


if __name__ == "__main__":
    main()
