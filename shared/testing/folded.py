"""The messages of a thread in their current state, as a client keeps them: the log folded over pages, by version."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.wire.changes import DELETE, EDIT, REACTION
from shared.wire.previews import PREVIEW

Frame = Mapping[str, Any]
State = dict[str, Any]
"""A message as HTTP gives it, but with `reactions` by who gave them."""

_SENT = ("thread", "seq", "sender", "client_id", "sent_at", "reply_to", "deleted_at", "attachments")


class Folded:
    """messages: by seq."""

    def __init__(self) -> None:
        self.messages: dict[int, State] = {}

    def apply_page(self, messages: Iterable[Frame]) -> None:
        """Messages as HTTP gives them."""
        for message in messages:
            held = self.messages.get(message["seq"])
            if held is None or held["version"] < message["version"]:
                given = {name: each["emoji"] for each in message.get("reactions", ()) for name in each["by"]}
                self.messages[message["seq"]] = {**message, "reactions": given}

    def apply(self, frame: Frame) -> None:
        """A `message` or `event` frame of the log."""
        if frame["type"] == "message":
            sent = {name: frame[name] for name in _SENT if frame.get(name) is not None}
            text = {} if "deleted_at" in sent else {"text": frame["text"]}
            self.messages.setdefault(frame["seq"], {**sent, **text, "version": frame["seq"], "reactions": {}})
        elif frame["kind"] in (EDIT, DELETE, REACTION, PREVIEW):
            message = self.messages.get(frame["body"]["target"])
            if message is not None and frame["seq"] > message["version"]:
                message["version"] = frame["seq"]
                _change(message, frame)


def _change(message: State, frame: Frame) -> None:
    body = frame["body"]
    if frame["kind"] == EDIT:
        message["edited_at"] = frame["sent_at"]
        message.pop("text", None)  # without another one, the message is deleted further on
        message |= {"text": body["text"]} if "text" in body else {}
    elif frame["kind"] == DELETE:
        message.pop("text", None)
        message.pop("attachments", None)
        message.pop("preview", None)
        message |= {"deleted_at": frame["sent_at"], "reactions": {}}
    elif frame["kind"] == PREVIEW:
        message.pop("preview", None)
        shown = {name: said for name, said in body.items() if name not in ("target", "of")}
        message |= {"preview": shown} if shown else {}
    elif body["emoji"] is None:
        message["reactions"].pop(frame["sender"], None)
    else:
        message["reactions"][frame["sender"]] = body["emoji"]
