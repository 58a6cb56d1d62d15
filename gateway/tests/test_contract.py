"""The contracts that are served: whole, valid, and true to the wire types."""

from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest
import schemathesis

from gateway.contract import ROUTES, problems_of
from gateway.tests.conftest import Gateway
from shared.wire import frames
from shared.wire.problems import KINDS, NotFound


async def openapi(gateway: Gateway) -> dict[str, Any]:
    document: dict[str, Any] = (await gateway.call("GET", "/api/openapi.json")).json
    return document


async def test_the_openapi_document_is_valid_and_has_every_route(gateway: Gateway) -> None:
    document = await openapi(gateway)
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    results: list[Any] = list(schema.get_all_operations())
    operations = {(result.ok().method.upper(), result.ok().path) for result in results}
    assert operations == {(route.method, route.path) for route in ROUTES}
    assert document["components"]["securitySchemes"]["caller"] == {
        "type": "apiKey",
        "in": "cookie",
        "name": f"duet_{gateway.port}",
    }


async def test_every_route_of_the_contract_is_served(gateway: Gateway) -> None:
    for route in ROUTES:
        path = route.path.replace("{username}", "bob").replace("{id}", "x")
        answer = await gateway.call(route.method, path)
        assert answer.status not in (404, 405), path
        assert answer.status == 401 or not route.session


async def test_every_problem_of_a_route_is_a_known_one_with_a_declared_answer(gateway: Gateway) -> None:
    document = await openapi(gateway)
    for route in ROUTES:
        responses = document["paths"][route.path][route.method.lower()]["responses"]
        for code in problems_of(route):
            assert str(KINDS[code].status) in responses


async def test_problem_documents_fit_their_schema(gateway: Gateway) -> None:
    document = await openapi(gateway)
    schema = {"$ref": "#/components/schemas/ProblemDocument", "components": document["components"]}
    problem = msgspec.to_builtins(NotFound("x").document())
    jsonschema_rs.validator_for(schema).validate(problem)
    refused = await gateway.call("GET", "/api/threads")
    jsonschema_rs.validator_for(schema).validate(msgspec.json.decode(refused.body))


async def test_every_reference_in_the_asyncapi_document_leads_somewhere(gateway: Gateway) -> None:
    document = (await gateway.call("GET", "/api/asyncapi.json")).json
    assert document["asyncapi"] == "3.0.0"
    assert document["servers"]["gateway"]["host"] == f"127.0.0.1:{gateway.port}"

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [ref for item in value.values() for ref in references(item)]
        return [ref for item in value for ref in references(item)] if isinstance(value, list) else []

    found = references(document)
    assert len(found) > 30
    for reference in found:
        target = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


@pytest.mark.parametrize("kind", get_args(frames.ClientFrame) + get_args(frames.ServerFrame))
async def test_every_frame_is_described_by_its_tag(gateway: Gateway, kind: Any) -> None:
    document = (await gateway.call("GET", "/api/asyncapi.json")).json
    message = document["components"]["messages"][kind.__name__]
    schema = {**message["payload"], "components": document["components"]}
    assert message["name"] == kind.__struct_config__.tag
    jsonschema_rs.validator_for(schema)
    properties = document["components"]["schemas"][kind.__name__]["properties"]
    assert properties["type"] == {"enum": [kind.__struct_config__.tag]}
    assert set(properties) == {"type", *(field.encode_name for field in msgspec.structs.fields(kind))}


async def test_a_real_frame_fits_its_schema(gateway: Gateway) -> None:
    document = (await gateway.call("GET", "/api/asyncapi.json")).json
    for kind, value in (
        ("Hello", {"type": "hello", "cursors": {"bob": 12}}),
        ("Send", {"type": "send", "to": "bob", "client_id": "x", "text": "hi"}),
        (
            "Rejected",
            {"type": "rejected", "client_id": "x", "problem": msgspec.to_builtins(NotFound().document())},
        ),
    ):
        schema = {"$ref": f"#/components/schemas/{kind}", "components": document["components"]}
        validator = jsonschema_rs.validator_for(schema)
        validator.validate(value)
        assert not validator.is_valid({**value, "type": "other"})
