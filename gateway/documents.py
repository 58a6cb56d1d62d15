"""GET /api/openapi.json, /api/asyncapi.json and /api/docs: the contracts, for programs and for people.

They are open to anybody and take 10 ms to make, so each is made once for each of our names: nothing else is in them.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_args

import aiohttp_jinja2
from aiohttp import web

from gateway.admission import admit_anyone
from gateway.contract import ROUTES
from gateway.keys import SITE
from gateway.packed_file import ASK_AGAIN, PackedFile, answer_with, packed_file
from gateway.route import ALWAYS, problems_of
from shared.contract.asyncapi import asyncapi
from shared.contract.openapi import openapi
from shared.contract.operation import kinds
from shared.wire import codec
from shared.wire.problems import KINDS

_LIMITS = (
    ("minimum", "at least"),
    ("maximum", "at most"),
    ("minLength", "length at least"),
    ("maxLength", "length at most"),
    ("pattern", "pattern"),
)
_TITLE = "Duet"
_DESCRIPTION = (
    "Private chat for two. Errors are application/problem+json (RFC 9457), times RFC 3339 UTC; unknown fields are "
    "a 422; calls from another site's pages get a 403."
)


class Documents:
    """Those made so far. keep: False in development, where the page's template may have changed."""

    def __init__(self, *, keep: bool) -> None:
        self._keep = keep
        self._made: dict[tuple[str, str], PackedFile] = {}

    def get(self, document: str, host: str, make: Callable[[], PackedFile]) -> PackedFile:
        """host: one of ours, so there are few."""
        if (document, host) not in self._made or not self._keep:
            self._made[document, host] = make()
        return self._made[document, host]


DOCUMENTS = web.AppKey("documents", Documents)


async def openapi_json(request: web.Request) -> web.Response:
    """GET /api/openapi.json"""
    return _answer(request, "openapi", lambda: _json(_openapi(request.app[SITE].session_cookie)))


async def asyncapi_json(request: web.Request) -> web.Response:
    """GET /api/asyncapi.json"""
    return _answer(request, "asyncapi", lambda: _json(_asyncapi(request)))


async def docs_page(request: web.Request) -> web.Response:
    """GET /api/docs: both contracts to read, with an anchor for every kind of problem."""
    return _answer(request, "docs", lambda: _page(request))


def _answer(request: web.Request, document: str, make: Callable[[], PackedFile]) -> web.Response:
    admit_anyone(request)
    host = request.app[SITE].our_host(request.host)
    return answer_with(request, request.app[DOCUMENTS].get(document, host, make), ASK_AGAIN)


def _json(document: Mapping[str, Any]) -> PackedFile:
    return packed_file(codec.encode(document), "application/json")


def _page(request: web.Request) -> PackedFile:
    always = kinds(ALWAYS)
    context: dict[str, Any] = {
        "page": "docs",
        "me": None,
        "routes": ROUTES,
        "problems_of": lambda route: [kind for kind in problems_of(route) if kind not in always],
        "always": always,
        "kinds": KINDS,
        "openapi": _openapi(request.app[SITE].session_cookie),
        "socket": _asyncapi(request),
        "in_words": in_words,
        "types_of": lambda body: get_args(body) or (body,),
    }
    text = aiohttp_jinja2.render_string("docs.html", request, context)
    return packed_file(text.encode(), "text/html; charset=utf-8")


def in_words(schema: Mapping[str, Any]) -> str:
    """A field's JSON Schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(map(in_words, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"“{value}”" for value in schema["enum"])
    if schema.get("type") == "array" and isinstance(schema.get("items"), Mapping):
        return f"list of {in_words(schema['items'])}"
    if schema.get("type") == "object" and "additionalProperties" in schema:
        return f"by name: {in_words(schema['additionalProperties'])}"
    limits = [f"{word} {schema[key]}" for key, word in _LIMITS if key in schema]
    return ", ".join([schema.get("format") or schema.get("type", "any JSON"), *limits])


@cache
def _openapi(cookie: str) -> dict[str, Any]:
    scheme = {"type": "apiKey", "in": "cookie", "name": cookie}
    return openapi(_TITLE, ROUTES, scheme, _DESCRIPTION, problems_of=problems_of)


def _asyncapi(request: web.Request) -> dict[str, Any]:
    site = request.app[SITE]
    return asyncapi(site.our_host(request.host), secure=site.secure)
