"""The internal contracts are what the services really serve, to the programs that they really let in."""

import importlib

import pytest

from gateway.contract import ROUTES
from gateway.internal_contract import INTERNAL
from shared.plumbing.web import _ALLOWED


@pytest.mark.parametrize("service", INTERNAL)
def test_every_route_of_a_service_is_in_its_contract_and_the_other_way_round(service: str) -> None:
    served = {
        (route.method, route.path) for route in importlib.import_module(f"services.{service}.routes").ROUTES
    }
    # The gateway answers these itself; that auth can, too, is no promise.
    served -= {(route.method, route.path) for route in ROUTES if not route.service}
    forwarded = {(route.method, route.path) for route in ROUTES if route.service == service}
    assert served == forwarded | {(route.method, route.path) for route in INTERNAL[service]}


@pytest.mark.parametrize("service", INTERNAL)
def test_the_callers_in_the_contract_are_those_who_are_let_in(service: str) -> None:
    handlers = {
        (route.method, route.path): route.handler
        for route in importlib.import_module(f"services.{service}.routes").ROUTES
    }
    for route in INTERNAL[service]:
        allowed: frozenset[str] = getattr(handlers[route.method, route.path], _ALLOWED, frozenset())
        assert set(route.callers) == allowed, route.path
