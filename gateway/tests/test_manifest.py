"""What makes Duet installable."""

import json
import struct
from typing import Any

from gateway.keys import STATIC
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import Somebody

_PNG = b"\x89PNG\r\n\x1a\n"


async def manifest(gateway: Gateway) -> dict[str, Any]:
    answer = await gateway.call("GET", gateway.app[STATIC].url("manifest.webmanifest"))
    assert answer.headers["Content-Type"] == "application/manifest+json"
    said: dict[str, Any] = json.loads(answer.body)
    return said


async def test_every_picture_of_the_manifest_is_there_at_the_size_it_says(gateway: Gateway) -> None:
    said = await manifest(gateway)
    pictures = [
        *said["icons"],
        *said["screenshots"],
        *(icon for one in said["shortcuts"] for icon in one["icons"]),
    ]
    for picture in pictures:
        answer = await gateway.call("GET", gateway.app[STATIC].url(picture["src"]))
        assert answer.headers["Content-Type"].partition(";")[0] == picture["type"]
        if picture["type"] == "image/png":
            assert answer.body[:8] == _PNG
            width, height = struct.unpack(">II", answer.body[16:24])
            assert picture["sizes"] == f"{width}x{height}", picture["src"]
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= {
        (icon["sizes"], icon["purpose"]) for icon in said["icons"]
    }
    assert {one["form_factor"] for one in said["screenshots"]} == {"wide", "narrow"}


async def test_every_address_of_the_manifest_is_a_page(gateway: Gateway, ann: Somebody) -> None:
    said = await manifest(gateway)
    assert (said["id"], said["scope"]) == ("/", "/")
    addresses = [
        said["start_url"],
        said["share_target"]["action"],
        *(one["url"] for one in said["shortcuts"]),
    ]
    for address in addresses:
        assert (await gateway.call("GET", address, headers=gateway.cookie(ann))).status == 200, address
