"""Calls by other programs: parse, call, serialize. Declared in routes.py, with these first lines as summaries."""

from typing import TypeVar

import structlog
from aiohttp import web

from services.threads import rules
from services.threads.keys import APPENDER, FEED, HEADS, HISTORY, PROGRAM_LOG, READS, STANDING
from services.threads.link import Link
from shared.plumbing.app import STATE
from shared.plumbing.http.web import CALLER, allow, at_most, json_response, read_json
from shared.plumbing.transport.detach import detach, handed_over
from shared.plumbing.transport.packets import PROTOCOL, VERSION_HEADER, grant
from shared.wire.link import (
    INSTEAD_HEADER,
    LINKS_HEADER,
    MAX_BATCH,
    MAX_LINK_BYTES,
    AppendBatch,
    ReadBatch,
    ReadDone,
)
from shared.wire.log_calls import (
    AppendedItems,
    DeliveriesAfter,
    HeadsOf,
    LogAfter,
    Resolve,
    StandingOf,
    Standings,
    TextOf,
)
from shared.wire.problems import FieldError, Invalid, Malformed, Unavailable

T = TypeVar("T")
_MAX_PAGE = 200
_MAX_PAGE_OF_FEW = 2000
_MAX_ABOUT = 1000


@allow("relay")
async def link(request: web.Request) -> web.StreamResponse:
    """The kept-open connection of batches, their answers and the heads feed (shared/wire/link.py)."""
    if request.headers.get("Upgrade") != PROTOCOL:
        raise Malformed(f"This address is an upgrade to {PROTOCOL}")
    state = request.app[STATE]
    if state["draining"] and INSTEAD_HEADER in request.headers:
        raise Unavailable("This process is about to end, too")
    audience = request.app[FEED].audience
    opened = Link(request.app[APPENDER], request.app[READS], audience, lambda: state["draining"])
    opened.version = request.headers.get(VERSION_HEADER, "")
    structlog.get_logger().info("a relay is linked", version=opened.version)
    transport, arrived = detach(request, opened)
    audience.join(opened)
    transport.write(grant((LINKS_HEADER, str(len(audience.links)))))
    opened.start(transport, arrived)
    return handed_over()


@allow("relay", "game", "gateway", "notify")
async def append(request: web.Request) -> web.Response:
    """Append a batch; after a 503 nothing is known of it: repeat it unchanged.

    403: events of a kind that another program appends.
    """
    batch = await _read(request, AppendBatch)
    at_most(MAX_BATCH, batch.items, "/items")
    rules.check_author(request[CALLER].program, batch.items)
    appender = request.app[APPENDER]
    of = appender.log
    results = await appender.append(batch.node, batch.items, batch.log, batch.traces)
    return json_response(AppendedItems(results, of))


@allow("relay")
async def mark_read(request: web.Request) -> web.Response:
    """Set read positions."""
    batch = await _read(request, ReadBatch)
    at_most(MAX_BATCH, batch.items, "/items")
    notices = await request.app[READS].mark(batch.node, batch.items, batch.log)
    return json_response(ReadDone(batch.batch, notices))


@allow("relay", "media")
async def heads(request: web.Request) -> web.Response:
    """All threads of some users, for hello and after a broken link."""
    asked = await read_json(request, HeadsOf)
    at_most(MAX_BATCH, asked.users, "/users")
    return json_response(await request.app[HEADS].of(asked.users, asked.log, asked.beyond))


@allow("relay", "game", "media")
async def resolve(request: web.Request) -> web.Response:
    """The threads of a user with some peers."""
    asked = await read_json(request, Resolve)
    at_most(MAX_BATCH, asked.peers, "/peers")
    return json_response(await request.app[HEADS].resolve(asked))


@allow("relay", "media")
async def deliveries(request: web.Request) -> web.Response:
    """What comes after a seq in a thread."""
    asked = await read_json(request, DeliveriesAfter)
    if not 1 <= asked.limit <= _MAX_PAGE:
        raise Invalid([FieldError("/limit", f"must be 1 to {_MAX_PAGE}")])
    return json_response(await request.app[HISTORY].deliveries(asked))


@allow("notify", "media")
async def log(request: web.Request) -> web.Response:
    """What was committed in all threads after a position, each at least once."""
    asked = await read_json(request, LogAfter)
    most = _MAX_PAGE if asked.about is None and not asked.files else _MAX_PAGE_OF_FEW
    if not 1 <= asked.limit <= most:
        raise Invalid([FieldError("/limit", f"must be 1 to {most}")])
    at_most(_MAX_ABOUT, asked.about or [], "/about")
    return json_response(await request.app[PROGRAM_LOG].page(request[CALLER].program, asked))


@allow("notify")
async def standing(request: web.Request) -> web.Response:
    """What notices about some threads may say now."""
    asked = await read_json(request, StandingOf)
    at_most(MAX_BATCH, asked.threads, "/threads")
    return json_response(Standings(await request.app[STANDING].of(asked.threads)))


@allow("notify")
async def text(request: web.Request) -> web.Response:
    """What a message says now, and whether its link has a preview."""
    return json_response(await request.app[HISTORY].text_of(await read_json(request, TextOf)))


async def _read(request: web.Request, of: type[T]) -> T:
    """A batch: it may be larger than a browser's body."""
    return await read_json(request.clone(client_max_size=MAX_LINK_BYTES), of)
