"""The mark that a text carries through every server."""

from uuid import UUID

import msgspec
import pytest

from bench.load import mark
from bench.load.dialects import DIALECTS


@pytest.mark.parametrize("flow", [0, 7, 19_999])
def test_a_text_has_100_bytes_and_says_what_it_is(flow: int) -> None:
    text = mark.text(flow, 12_345_678)
    assert len(text.encode()) == mark.TEXT_LENGTH
    assert mark.find(b'{"text":"' + text.encode() + b'"}') == (flow, 12_345_678)


def test_a_frame_without_a_message_has_no_mark() -> None:
    assert mark.find(b'{"type":"presence","username":"bench-00001","online":true}') is None


def test_client_ids_are_uuids_that_differ_by_run_flow_and_number() -> None:
    ids = {
        UUID(mark.client_id(run, flow, number)) for run in (1, 2) for flow in (3, 19_999) for number in (5, 6)
    }
    assert len(ids) == 8


@pytest.mark.parametrize("name", sorted(DIALECTS.keys() - {"xmpp"}))
def test_every_dialect_of_json_sends_what_holds_the_message(name: str) -> None:
    text = mark.text(4, 2)
    [frame] = DIALECTS[name]("ann").message("bob", mark.client_id(1, 4, 2), text)
    sent = msgspec.json.decode(frame.removeprefix(b"42"))
    fields = sent[1] if isinstance(sent, list) else sent
    assert (fields["to"], fields["text"]) == ("bob", text)
