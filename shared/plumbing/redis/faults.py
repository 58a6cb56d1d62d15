"""What is wrong when a command to Redis fails: one word for metrics, one sentence for whoever has to mend it."""

import re
from typing import NamedTuple

from redis.exceptions import RedisError, ResponseError


class Fault(NamedTuple):
    """kind: one of few, for a metric. sentence: what is wrong, without a name or an address."""

    kind: str
    sentence: str


class NotHeard(RedisError):
    """A hint was written, and has not come."""


_KNOWN = [
    (re.compile(pattern), Fault(kind, sentence))
    for pattern, kind, sentence in (
        (r"(Hostname|IP address) mismatch", "tls", "the certificate of Redis is for another host name"),
        (r"certificate has expired", "tls", "the certificate of Redis has expired"),
        (
            r"CERTIFICATE_VERIFY_FAILED",
            "tls",
            "the certificate of Redis is not signed by an authority that is trusted here (ssl_ca_certs)",
        ),
        (
            r"(?i)certificate[_ ]required|alert[_ ]handshake[_ ]failure",
            "tls",
            "Redis demands a client certificate (ssl_certfile, ssl_keyfile)",
        ),
        (r"(?i)unknown[_ ]ca|bad[_ ]certificate", "tls", "Redis does not accept our client certificate"),
        (r"(?i)wrong[_ ]version[_ ]number|record layer", "tls", "what answers at the port of Redis speaks no TLS"),
        (
            r"\[SSL, before the first answer",  # the reason may be lost with the connection
            "tls",
            "Redis ends the encrypted connection at once, as if it demanded another client certificate",
        ),
        (r"\[SSL", "tls", "Redis and we could not agree on how to encrypt"),
        (r"WRONGPASS|invalid (username-)?password", "password",
         "Redis does not accept our name or password (WRONGPASS)"),
        (r"NOAUTH|Authentication required", "password",
         "Redis demands a password, and DUET_REDIS_URL has none (NOAUTH)"),
        (r"NOPERM|no permissions", "permission", "Redis does not let us use a command or key that we need (NOPERM)"),
        (r"READONLY|read only replica", "replica", "Redis is a replica, which takes no writes (READONLY)"),
        (r"MASTERDOWN", "replica", "Redis is a replica without its primary (MASTERDOWN)"),
        (r"MISCONF", "disk", "Redis takes no writes because it cannot save to its disk (MISCONF)"),
        (r"^'?OOM|used memory > 'maxmemory'", "memory", "Redis takes no writes because its memory is full (OOM)"),
        (r"LOADING|loading the dataset", "loading", "Redis is still loading what it had saved (LOADING)"),
        (r"NOREPLICAS", "replica", "Redis takes no writes because too few replicas follow it (NOREPLICAS)"),
        (r"^BUSY", "slow", "Redis is busy with somebody's script (BUSY)"),
        (r"CLUSTERDOWN", "cluster", "the cluster of Redis does not serve all keys (CLUSTERDOWN)"),
        (r"^(MOVED|ASK|CROSSSLOT|TRYAGAIN) ", "cluster", "Redis is a cluster that does not say where keys are (MOVED)"),
        (r"max number of clients", "clients", "Redis takes no more connections (maxclients)"),
        (r"invalid DB index|DB index is out of range|SELECT is not allowed", "database",
         "Redis has no database of that number"),
        (r"(?i)name or service not known|Temporary failure in name|No address associated", "name",
         "the host name of Redis leads nowhere"),
        (r"PrimaryAway", "cluster", "a primary of the Redis cluster is away"),
        (r"ConnectionRefused|FileNotFound|No such file", "away", "nobody listens where DUET_REDIS_URL leads"),
    )
]  # fmt: skip
_NAMELESS = re.compile(r"[A-Za-z ]{0,60}")
_DEAF = Fault("deaf", "a hint that is written to this node's stream does not arrive here")
_SLOW = Fault("slow", "Redis does not answer in time")
_LOST = Fault("away", "the connection to Redis was lost")


def fault_of(error: BaseException) -> Fault:
    """Of a RedisError, an OSError or a TimeoutError."""
    text = f"{error} {type(error).__name__}"
    for pattern, fault in _KNOWN:
        if pattern.search(text):
            return fault
    if isinstance(error, NotHeard):
        return _DEAF
    if isinstance(error, ResponseError):
        return Fault("refused", f"Redis refuses a command that we need ({_NAMELESS.match(text)[0].rstrip()})")  # type: ignore[index]
    return _SLOW if isinstance(error, TimeoutError) or "imeout" in type(error).__name__ else _LOST
