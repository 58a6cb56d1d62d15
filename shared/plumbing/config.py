"""Settings come from the environment, once: each program reads one frozen type."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from shared.plumbing.settings import OF_PROGRAMS, SettingError, given, without_password

C = TypeVar("C", bound="BaseConfig")
_ON = ("on", "true", "1")


class BaseConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What all programs share. A field `x_y` is the variable DUET_X_Y; units stand in the names."""

    data_dir: Path = Path("var")
    keys_dir: Path | None = None
    listen: str
    log_level: str = "info"
    rate_limits: str = "on"

    @property
    def keys(self) -> Path:
        """Where the programs' signing keys lie."""
        return self.keys_dir or self.data_dir / "keys"

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
        for name in (variable(f"{prefer}_{field.name}"), variable(field.name)):
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


def printable(config: BaseConfig) -> str:
    """The settings, one a line, with passwords hidden."""
    lines = []
    for field in msgspec.structs.fields(type(config)):
        value = getattr(config, field.name)
        lines.append(f"{variable(field.name)}={without_password(str(value))}")
    return "\n".join(lines)


def _fail(sentence: str) -> NoReturn:
    sys.exit(f"duet: {sentence}")
