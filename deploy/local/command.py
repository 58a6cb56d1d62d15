"""The `duet` command; in a checkout `python -m deploy.local`, which is what make calls.

What a verb needs is imported for that verb: the supervisor lives as long as Duet and is to stay small.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from deploy.local.console import say
from deploy.local.retention import EVERY
from deploy.local.settings import default_data_dir
from shared.plumbing.settings.known import SettingError
from shared.version import VERSION

_ABOUT = (
    "Private chat for two people in the browser. Settings come from DUET_* variables: see docs/settings.md."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 not done, 2 a setting or an argument that cannot be used."""
    chosen = _parser().parse_args(arguments)
    status: int = chosen.carry_out(chosen)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("duet", description=_ABOUT, epilog=_where_data_live())
    parser.add_argument("--version", action="version", version=f"duet {VERSION}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    run = verbs.add_parser("run", help="start everything; Ctrl-C drains and stops it")
    run.add_argument("--reload", action="store_true", help=argparse.SUPPRESS)  # `make dev`
    run.set_defaults(carry_out=_run)

    seed = verbs.add_parser("seed", help="people and a conversation, in the Duet that runs")
    seed.set_defaults(carry_out=_seed)

    status = verbs.add_parser("status", help="how each program of the Duet that runs does")
    status.set_defaults(carry_out=_status)

    backup = verbs.add_parser("backup", help="dump the database and the files, also while Duet runs")
    backup.add_argument("--prove", action="store_true", help="restore it elsewhere for a trial, and count")
    backup.add_argument(
        "--every",
        choices=tuple(EVERY),
        help="go on: a proven one at each time, the oldest removed",
    )
    backup.set_defaults(carry_out=_backup)

    restore = verbs.add_parser("restore", help="put a backup back while Duet is stopped")
    restore.add_argument("file", type=Path)
    restore.set_defaults(carry_out=_restore)

    migrate = verbs.add_parser("migrate", help="bring the database up to date, as a start does otherwise")
    migrate.set_defaults(carry_out=_migrate)

    reset = verbs.add_parser("reset-password", help="a new random password; ends the person's sessions")
    reset.add_argument("username")
    reset.set_defaults(carry_out=_reset_password)

    upgrade = verbs.add_parser("upgrade-data", help="take over what an older PostgreSQL made; the old stays")
    upgrade.add_argument("--binaries", type=Path, help="the directory with the older version's `postgres`")
    upgrade.set_defaults(carry_out=_upgrade_data)

    renew = verbs.add_parser("renew-log", help="after a restore by other means: clients read all afresh")
    renew.set_defaults(carry_out=_renew_log)

    config = verbs.add_parser("check-config", help="what each program's settings come to, secrets hidden")
    config.set_defaults(carry_out=_check_config)

    psql = verbs.add_parser("psql", help="a prompt at the database", add_help=False, prefix_chars="\0")
    psql.add_argument("arguments", nargs=argparse.REMAINDER)
    psql.set_defaults(carry_out=_psql)
    return parser


def _where_data_live() -> str:
    try:
        place = str(default_data_dir())
    except SettingError as error:
        place = str(error)
    return f"Data are in DUET_DATA_DIR (now: {os.environ.get('DUET_DATA_DIR') or place})."


def _run(chosen: argparse.Namespace) -> int:
    from deploy.local import run

    return run.main(reload=chosen.reload)


def _seed(chosen: argparse.Namespace) -> int:
    from deploy.local import seed

    return seed.main()


def _status(chosen: argparse.Namespace) -> int:
    from deploy.local import operate, status

    return operate.carry_out(status.show)


def _backup(chosen: argparse.Namespace) -> int:
    if chosen.every:
        from deploy.local import backups

        return backups.main(chosen.every)
    from deploy.local import operate

    return operate.carry_out(lambda settings: say(f"Saved {operate.backup(settings, proven=chosen.prove)}"))


def _restore(chosen: argparse.Namespace) -> int:
    from deploy.local import operate

    return operate.carry_out(lambda settings: operate.restore(settings, chosen.file.expanduser()))


def _migrate(chosen: argparse.Namespace) -> int:
    from deploy.local import operate

    return operate.carry_out(operate.migrate)


def _reset_password(chosen: argparse.Namespace) -> int:
    from deploy.local import operate

    return operate.carry_out(lambda settings: operate.reset_password(settings, chosen.username))


def _upgrade_data(chosen: argparse.Namespace) -> int:
    from deploy.local import operate, upgrading

    return operate.carry_out(lambda settings: upgrading.upgrade(settings, chosen.binaries))


def _renew_log(chosen: argparse.Namespace) -> int:
    from deploy.local import operate

    return operate.carry_out(operate.renew_log)


def _check_config(chosen: argparse.Namespace) -> int:
    from deploy.local import config_check

    return config_check.main()


def _psql(chosen: argparse.Namespace) -> int:
    from deploy.local import operate

    return operate.carry_out(lambda settings: operate.psql(settings, chosen.arguments))
