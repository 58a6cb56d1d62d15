"""The XMPP of the load generator: it gets in by the steps of the standard, and counts stanzas as it says."""

import pytest

from bench.load import mark
from bench.load.dialect import RefusedError
from bench.load.xmpp import Xmpp

_MECHANISMS = b"<features><mechanisms><mechanism>PLAIN</mechanism></mechanisms></features>"
_BINDING = b"<features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></features>"
_FROM_BOB = b"<message type='chat' from='bob@localhost/bench'><body>hi</body></message>"
_STEPS = [
    (b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='1'/>", []),
    (_MECHANISMS, [b"<auth"]),
    (b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", [b"<open"]),
    (b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='2'/>", []),
    (_BINDING, [b"<iq"]),
    (
        b"<iq type='result' id='bind'><bind><jid>ann@localhost/bench</jid></bind></iq>",
        [b"<presence", b"<enable"],
    ),
    (b"<presence from='ann@localhost/bench'/>", []),
]


def live() -> Xmpp:
    dialect = Xmpp("ann")
    for heard, said in _STEPS:
        answer = dialect.answer(heard)
        assert not answer.ready
        assert [frame[: len(start)] for frame, start in zip(answer.say, said, strict=True)] == said
    assert dialect.answer(b"<enabled xmlns='urn:xmpp:sm:3' id='x'/>").ready
    return dialect


def test_a_socket_is_ready_when_the_server_counts_its_stanzas() -> None:
    live()


def test_a_refused_password_is_a_refusal() -> None:
    dialect = Xmpp("ann")
    dialect.answer(_MECHANISMS)
    with pytest.raises(RefusedError):
        dialect.answer(b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")


def test_a_send_is_a_stanza_and_a_question_whether_it_was_taken() -> None:
    stanza, question = live().message("bob", "c-1", mark.text(4, 2))
    assert stanza.startswith(b'<message xmlns="jabber:client" type="chat" to="bob@localhost" id="c-1">')
    assert f"<body>{mark.text(4, 2)}</body></message>".encode() in stanza
    assert question == b'<r xmlns="urn:xmpp:sm:3"/>'


def test_what_the_server_has_counted_is_acknowledged_once_and_in_order() -> None:
    dialect = live()
    for number in range(3):
        dialect.message("bob", f"c-{number}", mark.text(4, number))
    assert dialect.answer(b"<a xmlns='urn:xmpp:sm:3' h='2'/>").acknowledged == [(4, 0), (4, 1)]
    assert dialect.answer(b'<a h="2" xmlns="urn:xmpp:sm:3"/>').acknowledged == []
    assert dialect.answer(b'<a h="3" xmlns="urn:xmpp:sm:3"/>').acknowledged == [(4, 2)]


def test_the_server_is_told_of_every_stanza_that_came() -> None:
    dialect = live()
    assert dialect.arrived(_FROM_BOB)
    assert dialect.arrived(_FROM_BOB)
    dialect.answer(b"<presence from='bob@localhost/bench'/>")
    assert dialect.answer(b"<r xmlns='urn:xmpp:sm:3'/>").say == [b'<a xmlns="urn:xmpp:sm:3" h="3"/>']


def test_a_message_that_comes_back_as_an_error_is_no_acknowledgement() -> None:
    assert not live().arrived(_FROM_BOB.replace(b"chat", b"error"))
