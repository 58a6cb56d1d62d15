"""The security headers that browsers get, and the requests that are refused."""

from collections.abc import Mapping

from aiohttp import HttpVersion10, HttpVersion11, web

from gateway.site import Site
from shared.wire.problems import ForeignOrigin, Malformed, UnsupportedMediaType

_VERSIONS = (HttpVersion11, HttpVersion10)
_SOCKET = "/messages"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types duet-worker",  # models/worker_registration.js
    )
)
WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'"
"""Of the service worker: it asks for pages and files, calls the API, and shows notices with an icon."""
_FOR_ALL = {
    "Server": "Duet",  # says nothing about versions
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_YEAR_S = 365 * 24 * 3600


def document_headers(site: Site) -> dict[str, str]:
    """For pages and the API."""
    return {
        **file_headers(site),
        "Content-Security-Policy": _POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=(), usb=()",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }


def file_headers(site: Site) -> dict[str, str]:
    """For static files. Short, because a page loads dozens of them; no scripts run in a file, so less is needed."""
    hsts = {"Strict-Transport-Security": f"max-age={_YEAR_S}"} if site.secure else {}
    return {**_FOR_ALL, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", **hsts}


def refuse_foreign(request: web.BaseRequest, site: Site) -> None:
    """Raises Misdirected for a host that is not ours, and ForeignOrigin if a page of another site calls us.

    A request without `Origin` comes from a program that is not a browser; it has only the cookies it was given.
    """
    headers = request.headers
    site.our_host(request.host)
    if request.method in _SAFE and "Upgrade" not in headers:
        return
    origin = headers.get("Origin")
    if origin is not None and origin.lower() not in site.origins:
        raise ForeignOrigin
    if headers.get("Sec-Fetch-Site") == "cross-site":
        raise ForeignOrigin


class OddRequest(Malformed):
    """A request on which two HTTP parsers might disagree: nothing after it on the connection can be trusted."""


def refuse_oddities(request: web.BaseRequest) -> None:
    """Raises OddRequest, UnsupportedMediaType."""
    headers = request.headers
    if request.version not in _VERSIONS:
        raise OddRequest("Only HTTP/1.1 and HTTP/1.0 are spoken here")
    if not request.raw_path.startswith("/") or not request.raw_path.isascii():
        raise OddRequest("The request target must be a path, percent-encoded")
    if "Upgrade" in headers:
        _refuse_odd_upgrade(request)
    if "Transfer-Encoding" in headers and (
        "Content-Length" in headers or headers["Transfer-Encoding"].lower() != "chunked"
    ):
        raise OddRequest("The length of the body is not clear")
    if "Content-Encoding" in headers:
        raise UnsupportedMediaType("Send the body without Content-Encoding")


def _refuse_odd_upgrade(request: web.BaseRequest) -> None:
    headers = request.headers
    if "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0":
        raise OddRequest("An upgrade has no body")
    wanted = [name.lower() for name in headers.getall("Upgrade")]
    if wanted != ["websocket"] or "upgrade" not in headers.get("Connection", "").lower():
        raise OddRequest("Only an upgrade to websocket is known here")
    at_socket = request.path == _SOCKET or request.path.startswith(f"{_SOCKET}/")
    if request.method != "GET" or request.version != HttpVersion11 or not at_socket:
        raise OddRequest("There is no websocket here")


def add_missing(response: web.StreamResponse, headers: Mapping[str, str]) -> None:
    """Adds those of `headers` that the response does not have."""
    present = response.headers
    for name, value in headers.items():
        present.setdefault(name, value)
