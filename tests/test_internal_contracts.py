"""What the services serve: the documents in docs/api, the gateway's table, and the routes themselves agree."""

import json
from importlib import import_module

import pytest
import schemathesis

from deploy.documents import DIRECTORY, SERVICES, internal, text
from gateway.contract import ROUTES
from shared.plumbing.program_keys import PROGRAMS


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_in_docs_is_up_to_date(service: str) -> None:
    assert (DIRECTORY / f"{service}.json").read_text() == text(service), "run make api"


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_valid_openapi(service: str) -> None:
    schemathesis.openapi.from_dict(json.loads(text(service))).validate()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_serves_its_internal_calls_and_what_is_forwarded_to_it(service: str) -> None:
    served = {(route.method, route.path) for route in import_module(f"services.{service}.routes").ROUTES}
    # The gateway answers these itself; that auth can, too, is no promise.
    served -= {(route.method, route.path) for route in ROUTES if not route.service}
    forwarded = {(route.method, route.path) for route in ROUTES if route.service == service}
    assert served == forwarded | {(route.method, route.path) for route in internal(service)}


@pytest.mark.parametrize("service", SERVICES)
def test_every_internal_call_is_for_named_programs(service: str) -> None:
    for route in internal(service):
        assert route.callers, route.path
        assert set(route.callers) <= PROGRAMS, route.path
