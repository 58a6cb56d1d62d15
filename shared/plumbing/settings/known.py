"""Every DUET_* setting, and what it may be: a wrong one is refused by its name at the start of any program."""

import os
import re
from collections.abc import Collection, Mapping
from functools import partial
from os.path import commonprefix

from shared.plumbing.settings import kinds
from shared.plumbing.settings.files import SUFFIX, text_in
from shared.plumbing.settings.kinds import Kind

_PREFIX = "DUET_"
_SWITCH = kinds.one_of("on", "off", "true", "false", "1", "0")
_LINK = re.compile(
    r"DUET_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
_LINKED = re.compile(r"(tcp|udp|sctp)://\S+:\d+")
_BETWEEN_URLS = re.compile(r"\s+(?=[a-z]+://)")
_BEFORE_HOST = re.compile(r"(?<=://)([^:@]*):.*@")
_PARAMETER = re.compile(r"(?i)(?<=[?&])((?:ssl_?)?password)=[^&]*")
_HIDDEN = ("DUET_SIGNING_KEY", "DUET_TRUSTED_KEYS", "DUET_FILES_KEY")

OF_PROGRAMS: Mapping[str, Kind] = {
    "DATA_DIR": kinds.directory,
    "KEYS_DIR": kinds.directory,
    "TLS_DIR": kinds.certificates,
    "LISTEN": kinds.address,
    "METRICS_LISTEN": kinds.port_or_address,
    "LOG_LEVEL": kinds.one_of("debug", "info", "warning", "error"),
    "RATE_LIMITS": kinds.one_of("on", "off"),
    "PORT": kinds.whole(1, 65535),
    "BIND": kinds.host,
    "PUBLIC_URL": kinds.public_url,
    "TRUSTED_PROXIES": kinds.networks,
    "AUTH_URL": kinds.address,
    "THREADS_URL": kinds.address,
    "GAME_URL": kinds.address,
    "MEDIA_URL": kinds.address,
    "NOTIFY_URL": kinds.address,
    "RELAY_URLS": kinds.relays,
    "DEV": _SWITCH,
    "POSTGRES_URL": kinds.postgres_url,
    "SHARD_URLS": kinds.postgres_urls,
    "MIGRATE": _SWITCH,
    "POSTGRES_POOL": kinds.whole(1, 1000),
    "REPLICATION": kinds.one_of("none", "synchronous"),
    "QUOTA_MB": kinds.whole(0, 2**30),
    "REDIS_URL": kinds.redis_url,
    "AI_PACE_S": kinds.seconds(0, 3600),
    "PUSH_HOSTS": kinds.push_hosts,
    "PUSH_CONTACT": kinds.contact,
    "PUSH_CA": kinds.file,
    "PUSH_ALLOW_PRIVATE": _SWITCH,
    "PREVIEWS": _SWITCH,
    "PREVIEW_PRIVATE": kinds.sockets,
    "ENGINE_WORKERS": kinds.whole(0, 256),
    "MEDIA_FILE_MB": kinds.whole(1, 1024),
    "MEDIA_DAY_MB": kinds.whole(1, 2**30),
    "MEDIA_PERSON_MB": kinds.whole(1, 2**30),
    "MEDIA_DIR": kinds.directory,
    "MEDIA_S3_URL": kinds.s3_url,
    "MEDIA_WORKERS": kinds.whole(1, 64),
    "NODE": kinds.node,
    "HELLO_WITHIN_S": kinds.seconds(0.01, 3600),
    "WELCOME_WITHIN_S": kinds.seconds(0.01, 3600),
    "PING_AFTER_S": kinds.seconds(0.01, 3600),
    "SILENT_AFTER_S": kinds.seconds(0.01, 3600),
    "STUCK_AFTER_S": kinds.seconds(0.01, 3600),
    "DRAIN_S": kinds.seconds(0, 3600),
    "DRAIN_DELAY_S": kinds.seconds(0, 3600),
}
"""DUET_<PROGRAM>_X goes before DUET_X."""
_ELSEWHERE: Mapping[str, Kind] = {
    "DUET_RELAYS": kinds.whole(1, 64),
    "DUET_BACKUP": kinds.one_of("off", "hourly", "daily", "weekly"),
    "DUET_BACKUP_DAYS": kinds.whole(1, 3650),
    "DUET_BACKUP_WEEKS": kinds.whole(0, 520),
    "DUET_SIGNING_KEY": kinds.signing_key,
    "DUET_TRUSTED_KEYS": kinds.trusted_keys,
    "DUET_FILES_KEY": kinds.files_key,
    "DUET_FAILPOINTS": kinds.points,
    "DUET_INSTANCE": kinds.anything,
    "DUET_END_WITH_PARENT": kinds.anything,
}
_PROGRAMS = ("GATEWAY", "AUTH", "THREADS", "RELAY", "GAME", "MEDIA", "NOTIFY")
KNOWN: Mapping[str, Kind] = {
    **{f"{_PREFIX}{program}_{name}": kind for program in _PROGRAMS for name, kind in OF_PROGRAMS.items()},
    **{f"{_PREFIX}{name}": kind for name, kind in OF_PROGRAMS.items()},
    **_ELSEWHERE,
}
_NAMES = (*KNOWN, *(f"{name}{SUFFIX}" for name in KNOWN))


class SettingError(Exception):
    """A setting that cannot be used. The text names it and says what would do."""


def given(environ: Mapping[str, str], also: Collection[str] = ()) -> dict[str, str]:
    """What is set, by its name: nobody reads the environment past this. Empty is not set.

    DUET_X_FILE names a file that holds DUET_X. also: names that are known to the caller. Raises SettingError for the
    first that cannot be.
    """
    values: dict[str, str] = {}
    for name, text in (ours := _ours(environ)).items():
        known = name if name in KNOWN or name in also else name.removesuffix(SUFFIX)
        if known in KNOWN or known in also:
            if known != name:
                if known in ours:
                    raise SettingError(f"{known} and {name} are both set: leave one of them out")
                text = _from_file(name, text)
            check_one(known, text, KNOWN.get(known, kinds.anything), name)
            values[known] = text
        elif meant := next(filter(partial(_is_slip, name.upper()), _NAMES), None):
            raise SettingError(f"{name} is not a setting; is {meant} meant?")
    return values


def one(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """As `given`, of one setting; "" if it is not set."""
    return given({each: environ.get(each, "") for each in (name, f"{name}{SUFFIX}")}).get(name, "")


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environ[name]
        for name in sorted(environ)
        if name.upper().startswith(_PREFIX) and environ[name] and not _is_service_link(name, environ[name])
    }


def _is_service_link(name: str, text: str) -> bool:
    """Whether Kubernetes put it there, for a Service that is called `duet-…`, as it does for every one that it has."""
    return bool(_LINK.fullmatch(name) or (name.endswith("_PORT") and _LINKED.fullmatch(text)))


def _is_slip(typed: str, meant: str) -> bool:
    """Whether a letter is missing, wrong or too many, or two are swapped; underscores count for nothing.

    No farther: DUET_POSTGRES_USER may well be the name of something else, like whatever a container sets for another.
    """
    typed, meant = typed.replace("_", ""), meant.replace("_", "")
    same = len(commonprefix([typed, meant]))  # noqa: RUF071  # letters are compared
    typed, meant = typed[same:][::-1], meant[same:][::-1]
    same = len(commonprefix([typed, meant]))  # noqa: RUF071  # letters are compared
    typed, meant = typed[same:], meant[same:]
    return max(len(typed), len(meant)) <= 1 or (len(typed) == 2 and typed == meant[::-1])


def _from_file(name: str, path: str) -> str:
    try:
        return text_in(path)
    except ValueError as error:
        raise SettingError(f"{name} {error}") from None


def check_one(name: str, text: str, kind: Kind, source: str = "") -> None:
    """source: the variable that gives it, if that is another. What stands in a file is never shown.

    Raises SettingError.
    """
    try:
        kind(text)
    except ValueError as error:
        if source not in ("", name):
            raise SettingError(f"{name}, in the file that {source} names, {error}") from None
        shown = "" if name in _HIDDEN else f", not {without_password(text)!r}"
        raise SettingError(f"{name} {error}{shown}") from None


def without_password(text: str) -> str:
    """A setting as it may be shown: a URL, or each of several, has its password before the host, or as a parameter."""
    shown = (_BEFORE_HOST.sub(r"\1:***@", one) for one in _BETWEEN_URLS.split(text))
    return _PARAMETER.sub(r"\1=***", " ".join(shown))
