"""Settings come from the environment, once: each program reads one frozen type."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from shared.plumbing.settings.files import SUFFIX, file_of
from shared.plumbing.settings.known import OF_PROGRAMS, SettingError, given, without_password
from shared.plumbing.settings.tracing import printable as printable_tracing
from shared.plumbing.transport.address import Address

C = TypeVar("C", bound=msgspec.Struct)
_ON = ("on", "true", "1")


class BaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What all programs share. A field `x_y` is the variable DUET_X_Y; units stand in the names.

    metrics_listen: where Prometheus finds the metrics besides: a port of this machine, or host:port; empty: nowhere.
    """

    data_dir: Path = Path("var")
    keys_dir: Path | None = None
    listen: str
    metrics_listen: str = ""
    log_level: str = "info"
    rate_limits: str = "on"
    drain_delay_s: float = 0.0
    migrate: bool = True
    tls_dir: Path | None = None

    @property
    def keys(self) -> Path:
        """Where the programs' signing keys lie."""
        return self.keys_dir or self.data_dir / "keys"

    @property
    def metrics_addresses(self) -> list[Address]:
        """Of `metrics_listen`: one or none. A port alone is one of the loopback address."""
        text = self.metrics_listen
        return [Address.parse(f"127.0.0.1:{text}" if text.isdigit() else text)] if text else []

    @property
    def limited(self) -> bool:
        """Whether rate limits are on."""
        return self.rate_limits != "off"


def variable(field: str) -> str:
    """The environment variable that sets `field`."""
    return f"DUET_{field.upper()}"


def read(of: type[C], environ: Mapping[str, str] = os.environ, *, prefer: str = "") -> C:
    """The settings of one program; DUET_<prefer>_X goes before DUET_X. Exits with a clear sentence if unusable."""
    fields = msgspec.structs.fields(of)
    try:
        known = [variable(field.name) for field in fields if field.name.upper() not in OF_PROGRAMS]
        set_here = given(environ, known)
    except SettingError as error:
        _fail(str(error))
    values: dict[str, Any] = {}
    for field in fields:
        for name in _variables(field.name, prefer):
            if text := set_here.get(name):
                values[field.name] = text in _ON if field.type is bool else text
                break
        else:
            if field.required:
                _fail(f"{variable(field.name)} is not set")
    try:
        return msgspec.convert(values, of, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        _fail(f"a DUET_* setting is not usable: {error}")


def printable(config: BaseConfig, environ: Mapping[str, str] = os.environ, *, prefer: str = "") -> str:
    """The settings, one a line, with passwords hidden; of what stands in a file, the file. Arguments: as of `read`."""
    lines = []
    for field in msgspec.structs.fields(type(config)):
        names = _variables(field.name, prefer)
        name = next((each for each in names if environ.get(each) or file_of(each, environ)), names[-1])
        if path := file_of(name, environ):
            lines.append(f"{name}{SUFFIX}={path}")
        else:
            lines.append(f"{names[-1]}={without_password(str(getattr(config, field.name)))}")
    return "\n".join([*lines, *printable_tracing(environ)])


def _variables(field: str, prefer: str) -> tuple[str, str]:
    """The first that is set counts."""
    return variable(f"{prefer}_{field}"), variable(field)


def _fail(sentence: str) -> NoReturn:
    sys.exit(f"duet: {sentence}")
