"""Files through PgBouncer."""

import pytest

from services.media.tests.desk import Desk


@pytest.mark.usefixtures("pooled")
async def test_a_file_is_uploaded_claimed_and_read(desk: Desk) -> None:
    for number in range(4):
        sent = await desk.uploaded("ann", "bob", b"content %d" % number)
        assert (await desk.claim("ann", "bob", sent["id"])).status == 200
        assert (await desk.read("bob", sent["id"])).body == b"content %d" % number
