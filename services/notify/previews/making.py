"""The preview of one message: what it says now, whether its sender wants one, what the page says, and into the log.

Whatever dies in between, it is made again, under the same client_id: the log takes one for each text of a message.
"""

from uuid import UUID, uuid5

import structlog
from prometheus_client import Counter

from services.notify.previews.fetching import Fetcher
from services.notify.previews.head import Words
from services.notify.previews.links import first_link
from services.notify.queries.previews import Waiting
from shared.plumbing.failpoints import reach
from shared.plumbing.http.rpc import Peer
from shared.plumbing.limits.buckets import Buckets
from shared.wire import codec
from shared.wire.accounts import Profiles, ProfilesById
from shared.wire.link import AppendBatch, AppendItem
from shared.wire.log_calls import AppendedItems, CurrentText, TextOf
from shared.wire.previews import PREVIEW, Preview
from shared.wire.problems import NotFound, Problem, from_document

_A_SECOND, _BURST = 1 / 6, 20
"""Pages that are fetched for one person."""
_NAMESPACE = UUID("7b6f0c1e-6d0f-4a58-9d0c-5a4f6c1c0d21")
_LOOKS = Counter("duet_notify_links", "Links that were looked at", ["outcome"])
log = structlog.get_logger()


class Maker:
    """Asks threads and auth each time: neither a text nor a setting is kept here."""

    def __init__(self, threads: Peer, auth: Peer, fetcher: Fetcher) -> None:
        self._threads = threads
        self._auth = auth
        self._fetcher = fetcher
        self._fetches = Buckets(_A_SECOND, _BURST)

    async def make(self, waiting: Waiting) -> None:
        """Gives a message the preview of its link, or takes away that of another. Raises Problem: not now."""
        said = await self._said(waiting)
        if said is None:
            return
        link = first_link(said.text)
        if link == said.previewed:
            return
        found = await self._look(said.sender, link) if link else None
        if link and found:
            preview = Preview(
                waiting.seq,
                said.of,
                url=link,
                title=found.title,
                site=found.site,
                description=found.description,
            )
        elif said.previewed:
            preview = Preview(waiting.seq, said.of)
        else:
            return
        await reach("notify.before_preview")
        await self._append(waiting.thread, said, preview)
        await reach("notify.after_preview")

    async def _said(self, waiting: Waiting) -> CurrentText | None:
        """None for what is not there, since a backup was restored."""
        asked = TextOf(waiting.thread, waiting.seq)
        try:
            return await self._threads.call("POST", "/internal/text", asked, of=CurrentText, idempotent=True)
        except Problem as problem:
            if problem.kind == NotFound.kind:
                return None
            raise

    async def _look(self, sender: int, link: str) -> Words | None:
        """None where the sender wants no previews, or has had as many as one may, or the page says nothing."""
        asked = ProfilesById([sender])
        answer = await self._auth.call("POST", "/internal/users/by-id", asked, of=Profiles, idempotent=True)
        if not any(profile.link_previews for profile in answer.profiles):
            return None
        if self._fetches.take(sender):
            _LOOKS.labels("too many").inc()
            return None
        await reach("notify.before_fetch")
        found = await self._fetcher.words(link)
        _LOOKS.labels("found" if found else "nothing").inc()
        return found

    async def _append(self, thread: int, said: CurrentText, preview: Preview) -> None:
        """Raises Problem where it may be taken later; else it is in the log, or has another text by now."""
        item = AppendItem(
            said.sender,
            said.sender_name,
            said.peer_name,
            PREVIEW,
            uuid5(_NAMESPACE, f"{thread}/{preview.target}/{preview.of}"),
            codec.encode(preview).decode(),
            said.peer,
        )
        batch = AppendBatch(0, "", [item])
        answer = await self._threads.call(
            "POST", "/internal/append", batch, of=AppendedItems, idempotent=True
        )
        [result] = answer.results
        if result.problem and result.problem.retry:
            raise from_document(result.problem)
        if result.problem:
            log.info("a preview came too late", code=result.problem.code)
