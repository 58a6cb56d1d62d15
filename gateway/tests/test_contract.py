"""The contracts that are served: whole, valid, and true of what is really sent."""

from datetime import UTC, datetime
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest
import schemathesis

from gateway.tests.conftest import Gateway
from shared.wire import codec, frames
from shared.wire.ids import uuid7
from shared.wire.member_state import Draft, MemberState
from shared.wire.messages import EventFrame, MessageFrame
from shared.wire.problems import NotFound

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_SENT: tuple[Any, ...] = (
    {"type": "hello", "cursors": {"bob": 12}},
    {"type": "send", "to": "bob", "client_id": str(uuid7()), "text": "hi"},
    {"type": "send", "to": "bob", "client_id": str(uuid7()), "text": "hi", "reply_to": 3},
    {
        "type": "do",
        "to": "bob",
        "client_id": str(uuid7()),
        "kind": "edit",
        "body": {"target": 3, "text": "hey"},
    },
    {"type": "do", "to": "bob", "client_id": str(uuid7()), "kind": "delete", "body": {"target": 3}},
    {
        "type": "do",
        "to": "bob",
        "client_id": str(uuid7()),
        "kind": "reaction",
        "body": {"target": 3, "emoji": None},
    },
    {"type": "sync", "thread": "bob", "after": 3},
    {"type": "read", "thread": "bob", "seq": 12},
    {"type": "delivered", "thread": "bob", "seq": 12},
    {"type": "typing", "thread": "bob"},
    {"type": "ping"},
    frames.Welcome("ann", str(uuid7()), {"bob": frames.ThreadState("Bob", 4, 2, 4, True, None, 3, 4)}),
    MessageFrame("bob", 43, "ann", uuid7(), "hi", _NOW),
    MessageFrame("bob", 43, "ann", uuid7(), "hi", _NOW, repeat=True),
    MessageFrame("bob", 43, "ann", uuid7(), "hi", _NOW, reply_to=3),
    MessageFrame("bob", 43, "ann", uuid7(), "", _NOW, deleted_at=_NOW),
    EventFrame("bob", 44, "edit", "ann", uuid7(), _NOW, msgspec.Raw(b'{"target": 43}')),
    EventFrame("bob", 44, "later", "ann", uuid7(), _NOW, msgspec.Raw(b'{"any": [1]}'), repeat=True),
    frames.Rejected("x", NotFound().document()),
    frames.ReadFrame("bob", 42, "bob"),
    frames.DeliveredFrame("bob", 42, "bob"),
    frames.StateFrame("bob", MemberState(7, Draft("hi", 42), "forever", "until-new", marked_unread=True)),
    frames.TypingFrame("bob"),
    frames.PresenceFrame("bob", False, _NOW),
    frames.Pong(),
    frames.ErrorFrame(NotFound().document()),
)


async def openapi(gateway: Gateway) -> dict[str, Any]:
    document: dict[str, Any] = (await gateway.call("GET", "/api/openapi.json")).json
    return document


async def test_the_openapi_document_is_valid_and_names_what_is_served_and_nothing_else(
    gateway: Gateway,
) -> None:
    document = await openapi(gateway)
    schema = schemathesis.openapi.from_dict(document)
    schema.validate()
    results: list[Any] = list(schema.get_all_operations())
    named = {(result.ok().method.upper(), result.ok().path) for result in results}
    served = {
        (route.method, route.resource.canonical) for route in gateway.app.router.routes() if route.resource
    }
    for_programs = {each for each in served if each[1].startswith(("/api/", "/health/"))}
    assert named == {each for each in for_programs if each[0] != "HEAD"}
    assert document["components"]["securitySchemes"]["caller"] == {
        "type": "apiKey",
        "in": "cookie",
        "name": f"duet_{gateway.port}",
    }


async def test_a_call_is_answered_as_its_operation_says(gateway: Gateway) -> None:
    """Called as a stranger without a body: with the session that it needs or not, and a declared status."""
    for path, operations in (await openapi(gateway))["paths"].items():
        for method, operation in operations.items():
            answer = await gateway.call(method.upper(), path.format(username="bob", id="x", seq="1"))
            assert str(answer.status) in operation["responses"], (method, path, answer.status)
            assert (answer.status == 401) == ("security" in operation and bool(operation["security"])), path


async def test_problem_documents_fit_their_schema(gateway: Gateway) -> None:
    document = await openapi(gateway)
    schema = {"$ref": "#/components/schemas/ProblemDocument", "components": document["components"]}
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


@pytest.mark.parametrize("sent", _SENT, ids=lambda sent: type(sent).__name__)
async def test_a_frame_as_it_is_sent_fits_the_message_of_its_type_and_no_other(
    gateway: Gateway, sent: Any
) -> None:
    document = (await gateway.call("GET", "/api/asyncapi.json")).json
    frame = msgspec.json.decode(codec.encode(sent))
    operation = document["operations"]["send" if isinstance(sent, dict) else "receive"]
    names = [message["$ref"].rpartition("/")[2] for message in operation["messages"]]
    messages = [document["components"]["messages"][name] for name in names]
    fitting = [
        message["name"]
        for message in messages
        if jsonschema_rs.validator_for({**message["payload"], "components": document["components"]}).is_valid(
            frame
        )
    ]
    assert fitting == [frame["type"]]


async def test_the_bodies_of_changes_are_told_in_both_contracts_and_on_the_page(gateway: Gateway) -> None:
    whole = await openapi(gateway)
    socket = (await gateway.call("GET", "/api/asyncapi.json")).json
    page = (await gateway.call("GET", "/api/docs")).body.decode()
    for document, name in ((whole, "DoToThread"), (socket, "Do")):
        components = document["components"]
        asked = jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{name}", "components": components}
        )
        for body, is_right in (
            ({"target": 3, "text": "x"}, True),
            ({"target": 3}, True),
            ({"target": 0}, False),
        ):
            change = {"client_id": str(uuid7()), "kind": "edit", "body": body}
            frame = change if name == "DoToThread" else {"type": "do", "to": "bob"} | change
            assert asked.is_valid(frame) is is_right, (name, body)
            assert not asked.is_valid(frame | {"kind": "game"})
    for name in ("changeMessage", "messageHistory", "Edit", "Delete", "React", "MessageHistory", "frame-Do"):
        assert f'-{name}"' in page or f'"{name}"' in page, name


def test_every_frame_is_tried() -> None:
    tried = {frame["type"] if isinstance(frame, dict) else type(frame) for frame in _SENT}
    of_browsers = {kind.__struct_config__.tag for kind in get_args(frames.ClientFrame)}
    assert tried == of_browsers | set(get_args(frames.ServerFrame))
