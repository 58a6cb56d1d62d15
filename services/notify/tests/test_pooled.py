"""Notices through PgBouncer."""

import pytest

from services.notify.tests.town import Town
from shared.testing.push_service import PushService


@pytest.mark.usefixtures("pooled")
async def test_who_is_away_is_told(town: Town, service: PushService) -> None:
    await town.subscribe("bob")
    await town.say("ann", "bob", "are you there?")
    assert [one.push.body for one in await service.take("bob")] == ["are you there?"]
