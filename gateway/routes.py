"""Every route of the public listener: the contract's table, then the pages."""

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway import accounts, contract, documents, guests, health, invitations, pages, worker
from gateway.forward import forwarding
from gateway.route import Route
from gateway.streams import streaming
from shared.plumbing import app as plumbing

_OWN: dict[str, Handler] = {
    "signUp": accounts.sign_up,
    "logIn": accounts.log_in,
    "whoAmI": accounts.who_am_i,
    "logOut": accounts.log_out,
    "changePassword": accounts.change_password,
    "makeInvite": invitations.make,
    "acceptInvite": invitations.accept,
    "openapi": documents.openapi_json,
    "asyncapi": documents.asyncapi_json,
    "docs": documents.docs_page,
    "live": plumbing.live,
    "ready": health.ready,
}


def _route(route: Route) -> web.RouteDef:
    handler = _OWN.get(route.name) or (streaming(route) if route.streams else forwarding(route))
    if route.method == "GET":
        return web.get(route.path, handler)  # HEAD too
    return web.route(route.method, route.path, handler)


ROUTES = (
    *map(_route, contract.ROUTES),
    web.get("/", pages.home),
    web.get("/signup", pages.sign_up),
    web.get("/login", pages.log_in),
    web.get("/messages", pages.inbox),
    web.get(r"/messages/{username:[@＠\s][^/]*|[^/]*\s}", pages.as_typed),
    web.get("/messages/{username}", pages.thread),
    web.get("/share", pages.share),
    web.get("/settings", pages.settings),
    web.get("/tictactoe", pages.tictactoe),
    web.get("/i/{token}", guests.invitation),
    web.get("/sw.js", worker.script),
    web.get("/shell/{version}", worker.shell),
    web.get("/favicon.ico", pages.favicon),
    web.get("/robots.txt", pages.robots),
    web.get(
        r"/{before:/*}{page:(?i:signup|login|messages|settings|tictactoe|api/docs)}{after:[/\s]*}",
        pages.as_typed,
    ),
    web.get(r"/{before:/*}{page:(?i:messages)}/{between:/*}{username:[^/]+}{after:/*}", pages.as_typed),
    web.get("/{username:[@＠][^/]+}{after:/*}", pages.as_typed),
    web.get("/static/{hash}/{path:.+}", pages.static_file),
)
