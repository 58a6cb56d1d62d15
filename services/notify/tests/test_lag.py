"""How far behind the log notify is."""

from services.notify.tests.town import Town
from shared.testing.lags import catch_up


async def test_what_has_read_all_of_the_log_says_so(town: Town) -> None:
    await catch_up("duet_notify_log_lag_seconds")
