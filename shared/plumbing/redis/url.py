"""What the URL of a Redis says beside where it is: its options, checked by name, and its certificates.

All of it is read as redis-py does, so a URL means to us what it means elsewhere; what we would not heed is refused.
"""

import inspect
import os
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from redis.asyncio.connection import SSLConnection, parse_url
from redis.exceptions import RedisError

_EVERYWHERE = ("db", "username", "password")
_OF_TLS = tuple(name for name in inspect.signature(SSLConnection).parameters if name.startswith("ssl_"))
_TOGETHER = ("ssl_certfile", "ssl_keyfile", "ssl_password")
_YES_OR_NO = ("0", "f", "false", "n", "no", "1", "t", "true", "y", "yes")


def tls(where: Mapping[str, Any]) -> ssl.SSLContext | None:
    """What a connection is to be wrapped in; None for one in the clear. where: what `parse_url` found.

    Made anew for every connection: a certificate that was renewed on the disk is used from the next one on.
    """
    if where.get("connection_class") is not SSLConnection:
        return None
    return SSLConnection(**_ssl_options(where)).ssl_context.get()


def check(url: str) -> None:
    """Raises ValueError, which names the option, for one that is not known or cannot be used."""
    parts = urlsplit(url)
    encrypted = parts.scheme.lower() == "rediss"
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name, text in given.items():
        if name not in (*_EVERYWHERE, *_OF_TLS):
            raise ValueError(f"has the option {name}; known are {', '.join((*_EVERYWHERE, *_OF_TLS))}")
        if name in _OF_TLS and not encrypted:
            raise ValueError(f"must begin with rediss:// to have {name}")
        if not text:
            raise ValueError(f"has an empty {name}")
    if not given.get("db", "0").isdigit():
        raise ValueError("must have a number as db")
    _check_tls({name: text for name, text in given.items() if name in _OF_TLS}, url)


def _check_tls(given: Mapping[str, str], url: str) -> None:
    for name, is_there in (
        ("ssl_ca_certs", os.path.isfile),
        ("ssl_certfile", os.path.isfile),
        ("ssl_keyfile", os.path.isfile),
        ("ssl_ca_path", os.path.isdir),
    ):
        if name in given and not is_there(given[name]):
            raise ValueError(f"has an {name} that is not there")
    if given.get("ssl_check_hostname", "no").lower() not in _YES_OR_NO:
        raise ValueError("has an ssl_check_hostname that is neither true nor false")
    if any(name in given for name in _TOGETHER) and "ssl_certfile" not in given:
        raise ValueError("must have an ssl_certfile to have an ssl_keyfile or ssl_password")
    try:
        options = _ssl_options(parse_url(url))
    except ValueError as error:
        raise ValueError(f"is not usable: {error}") from None
    for names in (_TOGETHER, *((name,) for name in given if name not in _TOGETHER)):
        if not any(name in given for name in names):
            continue
        some = {name: options[name] for name in names if name in options}
        if names is _TOGETHER:
            some.setdefault("ssl_password", "")  # without one OpenSSL would ask at the terminal
        try:
            SSLConnection(**some).ssl_context.get()
        except (OSError, ValueError, TypeError, RedisError) as error:
            raise ValueError(f"has an {names[0]} that cannot be used ({error})") from None


def _ssl_options(where: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in where.items() if name in _OF_TLS}
