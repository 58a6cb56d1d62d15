"""The pages. They name who is looking and bring the open thread's newest messages; scripts ask for everything else."""

import asyncio
from typing import Any
from urllib.parse import quote

import aiohttp_jinja2
from aiohttp import web

from gateway.admission import admit
from gateway.keys import AUTH, STATIC
from gateway.preloaded import of_thread
from gateway.sessions import Login
from gateway.upgrade import is_websocket
from shared.wire.accounts import Profile, Profiles, ProfilesByName
from shared.wire.http import Me
from shared.wire.ids import bare, fold, is_username
from shared.wire.problems import NotFound, Problem

_NOT_TO_BE_FOUND = ("/messages/", "/i/", "/share", "/shell/", "/api/")


async def home(request: web.Request) -> web.Response:
    """GET /: what Duet is, for strangers; redirects everybody else to the inbox."""
    return _redirect("/messages") if await _me(request) else rendered(request, "start")


async def sign_up(request: web.Request) -> web.Response:
    """GET /signup"""
    return _redirect("/messages") if await _me(request) else rendered(request, "signup")


async def log_in(request: web.Request) -> web.Response:
    """GET /login"""
    return _redirect("/messages") if await _me(request) else rendered(request, "login")


async def inbox(request: web.Request) -> web.Response:
    """GET /messages"""
    me = await _me(request)
    return rendered(request, "messages", me) if me else _log_in_first(request)


async def thread(request: web.Request) -> web.Response:
    """GET /messages/{username}: 404 for an unknown name and one's own."""
    login = await admit(request)
    if login is None:
        return _log_in_first(request)
    me, name = named(login), _peer_name(request, login)
    peer, preloaded = await asyncio.gather(_peer(request, name), of_thread(request, login, name))
    return rendered(request, "messages", me, peer=peer, open_thread=peer.username, preloaded=preloaded)


async def share(request: web.Request) -> web.Response:
    """GET /share?title=…&text=…&url=…: what another app gives. The page asks for whom it is; nothing is sent."""
    me = await _me(request)
    return rendered(request, "messages", me) if me else _log_in_first(request)


async def settings(request: web.Request) -> web.Response:
    """GET /settings"""
    me = await _me(request)
    return rendered(request, "settings", me) if me else _log_in_first(request)


async def tictactoe(request: web.Request) -> web.Response:
    """GET /tictactoe: for anyone."""
    return rendered(request, "tictactoe", await _me(request))


async def as_typed(request: web.Request) -> web.Response:
    """GET /Login/, /messages/@bob, …: on to the page that is meant; 404 for what cannot be a name."""
    page, name = request.match_info.get("page", "messages").lower(), request.match_info.get("username")
    path = f"/{page}"
    if name is not None:
        name = bare(name)
        if not is_username(fold(name)):
            raise NotFound("There is nobody of that name.")
        path += f"/{name}"
    return _redirect(str(request.rel_url.with_path(path, keep_query=True)))


async def static_file(request: web.Request) -> web.Response:
    """GET /static/{hash}/{path}. Pages of an earlier version still find their files, but must not cache them."""
    files = request.app[STATIC]
    current = request.match_info["hash"] == files.hash
    return files.answer(request, request.match_info["path"], forever=current)


async def favicon(request: web.Request) -> web.Response:
    """GET /favicon.ico, for clients that ignore the page's link."""
    return request.app[STATIC].answer(request, "img/icon.svg", forever=False)


async def robots(request: web.Request) -> web.Response:
    """GET /robots.txt: search engines may know what Duet is, and nothing of who talks to whom."""
    return web.Response(text="User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in _NOT_TO_BE_FOUND))


def error_page(app: web.Application, request: web.Request, problem: Problem) -> web.Response | None:
    """HTML for a browser that asked for a page; None for everyone else. Works before the router has run, too."""
    wants_html = "text/html" in request.headers.get("Accept", "") and not is_websocket(request)
    if not wants_html or (request.path.startswith("/api/") and request.path != "/api/docs"):
        return None
    document = problem.document()
    title, detail = document.title, document.detail
    if document.status == NotFound.kind.status:
        title = "There is nothing here"
        detail = detail or "The address may be wrong, or the page is gone."
    template = aiohttp_jinja2.get_env(app).get_template("error.html")
    text = template.render(page="error", me=None, error_title=title, error_detail=detail)
    return web.Response(text=text, status=document.status, content_type="text/html", headers=problem.headers)


async def _me(request: web.Request) -> Me | None:
    login = await admit(request)
    return named(login) if login else None


def named(login: Login) -> Me:
    """Who is looking."""
    return Me(login.info.username, login.info.display_name)


def _peer_name(request: web.Request, login: Login) -> str:
    name = fold(request.match_info["username"])
    if name == login.info.username or not is_username(name):
        raise NotFound("There is nobody of that name.")
    return name


async def _peer(request: web.Request, name: str) -> Profile:
    answer = await request.app[AUTH].call(
        "POST", "/internal/users/by-name", ProfilesByName([name]), of=Profiles, idempotent=True
    )
    if not answer.profiles:
        raise NotFound("There is nobody of that name.")
    return answer.profiles[0]


def rendered(request: web.Request, page: str, me: Me | None = None, **context: Any) -> web.Response:
    """A page by its template."""
    context = {"page": page, "me": me, "peer": None, "open_thread": "", "preloaded": [], **context}
    return packed(request, aiohttp_jinja2.render_template(f"{page}.html", request, context))


def packed(request: web.Request, response: web.Response) -> web.Response:
    """The answer, gzipped for clients that accept it."""
    response.headers["Vary"] = "Accept-Encoding"
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _log_in_first(request: web.Request) -> web.Response:
    asked = request.rel_url
    query = f"%3F{quote(asked.raw_query_string, safe='')}" if asked.raw_query_string else ""
    return _redirect(f"/login?next={asked.raw_path}{query}")


def _redirect(location: str) -> web.Response:
    return web.Response(status=303, headers={"Location": location})
