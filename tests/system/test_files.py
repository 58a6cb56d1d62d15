"""Files through the whole product: from one browser to the other, and to nobody else."""

from pathlib import Path

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.rawsocket import RawSocket
from shared.wire.ids import uuid7
from tests.conftest import MakePerson

PHOTO = Path(__file__).parents[2] / "docs" / "img" / "phone.png"
TOO_LARGE = 26 * 1024 * 1024


def place(to: Person) -> str:
    return f"/api/threads/{to.username}/attachments?client_id={uuid7()}&name=photo.svg"


async def test_a_photo_reaches_the_other_person_and_nobody_else(person: MakePerson) -> None:
    ann, bob, eve = [await person(name) for name in ("ann", "bob", "eve")]
    async with ann.http.post(place(bob), data=PHOTO.read_bytes()) as answer:
        sent = await answer.json()
        assert (answer.status, sent["type"]) == (201, "image/webp")
    body = {"client_id": str(uuid7()), "text": "", "attachments": [{"id": sent["id"], "alt": "a phone"}]}
    status, message = await ann.call("POST", f"/api/threads/{bob.username}/messages", body)
    assert (status, message["attachments"]) == (201, [sent | {"alt": "a phone"}])
    for path in (f"/api/attachments/{sent['id']}", f"/api/attachments/{sent['id']}/small"):
        async with bob.http.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "image/webp")
            assert (await answer.read())[8:12] == b"WEBP"
            assert answer.headers["Content-Security-Policy"].startswith("sandbox")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with bob.http.head(path) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        assert (await eve.call("GET", path))[0] == 404


async def test_a_file_that_is_too_large_is_refused_also_to_who_reads_only_after_sending(
    product: Product, person: MakePerson
) -> None:
    ann, bob = await person("ann"), await person("bob")
    lines = (
        f"POST {place(bob)} HTTP/1.1", f"Host: 127.0.0.1:{product.port}", f"Cookie: {ann.cookie}",
        f"Content-Length: {TOO_LARGE}", "", "",
    )  # fmt: skip
    async with await RawSocket.connect(product.port) as raw:
        await raw.send("\r\n".join(lines).encode() + bytes(TOO_LARGE))
        answer = await raw.answer(20)
    assert (answer.status, answer.problem) == (413, "too-large")
