"""`duet check-config`: what the settings come to, for the supervisor and each program, with every secret hidden."""

import dataclasses
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from deploy.local import checks
from deploy.local.console import complain, say
from deploy.local.errors import CannotStart
from deploy.local.program import Program
from deploy.local.settings import Settings, from_environment
from deploy.local.table import stages
from shared.embedded.errors import EmbeddedError
from shared.plumbing.settings import config as configuration
from shared.plumbing.settings.files import file_of
from shared.plumbing.settings.known import SettingError, without_password


def main() -> int:
    """Exit status: 0 all can be used, 1 something is missing, 2 a setting that cannot be used."""
    try:
        settings = from_environment()
        checks.check_parts(settings)
        with tempfile.TemporaryDirectory(prefix="duet-") as scratch:
            lines = list(_programs(settings, Path(scratch)))
    except SettingError as error:
        complain(str(error))
        return 2
    except (CannotStart, EmbeddedError, OSError) as error:
        complain(str(error))
        return 1
    for line in [*_supervisor(settings), *lines]:
        say(line)
    return 0


def _supervisor(settings: Settings) -> Iterator[str]:
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if isinstance(value, dict):
            value = {name: _shown(url, f"DUET_{name.upper()}_POSTGRES_URL") for name, url in value.items()}
        yield f"{field.name} = {_shown(value, f'DUET_{field.name.upper()}')}"


def _shown(value: object, variable: str) -> object:
    """Without what stands in a file, and without passwords."""
    if path := file_of(variable):
        return f"(in {path})"
    return without_password(value) if isinstance(value, str) else value


def _programs(settings: Settings, scratch: Path) -> Iterator[str]:
    """A data directory that is not there is not made for a look: `scratch` stands in, and is shown by its name."""
    place = settings.data_dir
    if not place.exists():
        settings = dataclasses.replace(settings, data_dir=scratch)
    for program in (program for stage in stages(settings) for program in stage if program.module):
        name, told = program.module.removeprefix("services.").rpartition(".")[2], dict(program.options["env"])
        # It ends the process with a sentence, as the program itself would.
        config = configuration.read(_kind_of(program), told, prefer=name)
        shown = configuration.printable(config, told, prefer=name)
        yield f"\n{program.name}:"
        yield shown.replace(str(settings.data_dir), str(place))


def _kind_of(program: Program) -> type[configuration.BaseConfig]:
    module = program.module if program.module.startswith("deploy.") else f"{program.module}.config"
    kinds = vars(import_module(module)).values()
    base = configuration.BaseConfig
    return next(kind for kind in kinds if isinstance(kind, type) and kind.__base__ is base)
