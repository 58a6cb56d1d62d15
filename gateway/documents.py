"""GET /api/openapi.json, /api/asyncapi.json and /api/docs: the contracts, for programs and for people."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import aiohttp_jinja2
from aiohttp import web

from gateway.admission import admit_anyone
from gateway.contract import ROUTES
from gateway.keys import SITE
from gateway.pages import packed
from gateway.route import ALWAYS, problems_of
from shared.contract.asyncapi import asyncapi
from shared.contract.openapi import openapi
from shared.contract.operation import kinds
from shared.plumbing.web import json_response
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


async def openapi_json(request: web.Request) -> web.Response:
    """GET /api/openapi.json"""
    admit_anyone(request)
    return packed(request, json_response(_openapi(request.app[SITE].session_cookie)))


async def asyncapi_json(request: web.Request) -> web.Response:
    """GET /api/asyncapi.json"""
    admit_anyone(request)
    return packed(request, json_response(asyncapi(request.host, secure=request.app[SITE].secure)))


async def docs_page(request: web.Request) -> web.Response:
    """GET /api/docs: both contracts to read, with an anchor for every kind of problem."""
    admit_anyone(request)
    document = _openapi(request.app[SITE].session_cookie)
    always = kinds(ALWAYS)
    context: dict[str, Any] = {
        "page": "docs",
        "me": None,
        "routes": ROUTES,
        "problems_of": lambda route: [kind for kind in problems_of(route) if kind not in always],
        "always": always,
        "kinds": KINDS,
        "openapi": document,
        "socket": asyncapi(request.host, secure=request.app[SITE].secure),
        "in_words": in_words,
        "types_of": lambda body: get_args(body) or (body,),
    }
    return packed(request, aiohttp_jinja2.render_template("docs.html", request, context))


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
