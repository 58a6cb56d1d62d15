"""Web Push through the whole product, up to the door: nothing here may reach a push service of the internet."""

import msgspec

from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.push_service import Browser
from tests.conftest import MakePerson


async def test_a_browser_subscribes_through_the_gateway_for_its_session_alone(
    product: Product, person: MakePerson
) -> None:
    ann = await person("ann")
    status, before = await ann.call("GET", "/api/push")
    assert (status, before["subscribed"], before["hide_text"]) == (200, False, False)
    browser = Browser("ann", "https://fcm.googleapis.com", before["key"])
    asked = msgspec.to_builtins(browser.subscription(hide_text=True))
    assert await ann.call("PUT", "/api/push", asked) == (204, None)
    elsewhere = await Person(product.url, ann.username).log_in()
    states = [(await each.call("GET", "/api/push"))[1] for each in (ann, elsewhere)]
    await elsewhere.close()
    assert states == [
        {"key": before["key"], "subscribed": True, "hide_text": True},
        {"key": before["key"], "subscribed": False, "hide_text": False},
    ]
    status, problem = await ann.call("PUT", "/api/push", asked | {"endpoint": "https://10.0.0.1/x"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/endpoint")
    assert await ann.call("DELETE", "/api/push") == (204, None)
    assert (await ann.call("GET", "/api/push"))[1] == before
