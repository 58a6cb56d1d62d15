"""How far behind the log media is."""

from services.media.tests.desk import Desk
from shared.testing.lags import catch_up


async def test_what_has_read_all_of_the_log_says_so(desk: Desk) -> None:
    await catch_up("duet_media_log_lag_seconds")
