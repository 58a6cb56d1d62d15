"""schemathesis against the served OpenAPI: no 5xx, and every answer as declared."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.contract import ROUTES
from shared.testing.people import PASSWORD, fresh_name
from shared.testing.product import Product

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_EXAMPLES = 30
_REFUSALS = [400, 401, 403, 404, 405, 409, 413, 415, 422, 431]
_CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": _REFUSALS}}}
_CASES = [(route.name, GenerationMode.POSITIVE) for route in ROUTES] + [
    (route.name, GenerationMode.NEGATIVE)
    for route in ROUTES
    if route.body is not None or route.query is not None
]


@pytest.fixture(scope="module")
def schema(product: Product) -> Any:
    """Without the cookie, which is no field to make up: every call is made by a caller who is logged in."""
    document = requests.get(f"{product.url}/api/openapi.json", timeout=10).json()
    for operations in document["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(_CONFIG))


@pytest.fixture
def peer() -> str:
    """The name of somebody who has got a message."""
    return fresh_name("fuzz")


@pytest.fixture
def caller(product: Product, peer: str) -> Iterator[requests.Session]:
    """Somebody new with a thread, so that there is something to find."""
    with requests.Session() as session:
        for name in (peer, fresh_name("fuzz")):
            account = {"username": name, "password": PASSWORD}
            assert session.post(f"{product.url}/api/accounts", json=account).status_code == 201
        message = {"client_id": "018f3b1e-0000-7000-8000-000000000001", "text": "hello"}
        sent = session.post(f"{product.url}/api/threads/{peer}/messages", json=message)
        assert sent.status_code == 201
        yield session


@pytest.mark.parametrize(("name", "mode"), _CASES, ids=lambda value: getattr(value, "value", value))
def test_every_answer_is_declared_and_none_is_a_5xx(
    name: str, mode: GenerationMode, schema: Any, caller: requests.Session, peer: str, product: Product
) -> None:
    operation = schema.find_operation_by_id(name)
    positive = mode is GenerationMode.POSITIVE
    there = {"username": peer, "seq": "1"}

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), to_what_is_there=st.booleans())
    def run(case: Any, to_what_is_there: bool) -> None:
        if positive and to_what_is_there:
            case.path_parameters = {
                part: there.get(part, value) for part, value in case.path_parameters.items()
            }
        checks = _CHECKS if positive else [*_CHECKS, negative_data_rejection]
        case.call_and_validate(base_url=product.url, session=caller, checks=checks)

    run()
