"""Data of an older PostgreSQL: refused with the command that helps, taken over whole, kept."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import upgrading
from deploy.local.operate import Refused
from deploy.local.run import main
from deploy.local.settings import Settings, from_environment
from deploy.local.table import embedded_postgres
from deploy.local.upgrading import take_over, upgrade
from shared.embedded.errors import EmbeddedError
from shared.embedded.postgres import PostgresServer, upgraded_beside
from shared.embedded.running import started
from shared.testing.clusters import put_cluster


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a Duet whose database has five rows."""
    chosen = from_environment({"DUET_DATA_DIR": str(tmp_path / "var")})
    chosen.run_dir.mkdir(parents=True)
    put_cluster(chosen.data_dir / "postgres")
    server = replace(embedded_postgres(chosen), durable=False)
    with started(server):
        server.ensure_database()
        server.execute("set role duet; create table kept as select generate_series(1, 5) as n", "duet")
    return chosen


def rows(server: PostgresServer) -> str:
    with started(server):
        return server.execute("select count(*) from kept", "duet").strip()


def test_data_of_another_version_are_refused_with_the_command_that_helps(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = embedded_postgres(settings)
    (server.data_dir / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 17 and this is 18: `duet upgrade-data`"):
        server.prepare()
    monkeypatch.setenv("DUET_DATA_DIR", str(settings.data_dir))
    assert main() == 1
    assert capfd.readouterr().err.startswith(
        f"Duet cannot start: {server.data_dir} was made by PostgreSQL 17"
    )
    with pytest.raises(Refused, match=r"PostgreSQL 17 are not in /nowhere: .*postgresql-17.*--binaries"):
        upgrade(settings, Path("/nowhere"))


def test_the_old_data_stay_beside_the_new_ones_which_are_whole(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older server is not to be had here: the same version plays its part."""
    server = embedded_postgres(settings)
    monkeypatch.setattr(upgrading, "MAJOR_VERSION", "19")
    # What a killed try has left is no obstacle.
    upgraded_beside(server.data_dir).mkdir()
    upgrade(settings, server.binaries)
    assert rows(replace(server, durable=False)) == "5"
    assert rows(replace(server, data_dir=server.data_dir.with_name("postgres-18"), durable=False)) == "5"
    assert sorted(path.name for path in settings.data_dir.iterdir()) == ["postgres", "postgres-18", "run"]


def test_an_upgrade_that_fails_leaves_the_old_data_in_their_place(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = replace(embedded_postgres(settings), durable=False)
    new = replace(server, data_dir=upgraded_beside(server.data_dir), settings={"max_connections": "none"})
    with pytest.raises(EmbeddedError, match="max_connections"):
        take_over(server, new)
    assert not new.data_dir.exists()
    assert rows(server) == "5"


def test_an_upgrade_cut_short_between_two_names_is_finished_and_not_begun_anew_on_nothing(
    settings: Settings,
) -> None:
    server = replace(embedded_postgres(settings), durable=False)
    server.data_dir.rename(upgraded_beside(server.data_dir))
    with pytest.raises(EmbeddedError, match="cut short: `duet upgrade-data` finishes it"):
        server.prepare()
    upgrade(settings)
    assert rows(server) == "5"


def test_there_is_nothing_to_upgrade_without_data_or_on_a_server_of_somebody_elses(
    settings: Settings,
) -> None:
    with pytest.raises(Refused, match="a server of yours"):
        upgrade(from_environment({"DUET_POSTGRES_URL": "postgresql:///duet"}))
    shutil.rmtree(settings.data_dir / "postgres")
    with pytest.raises(Refused, match="no database"):
        upgrade(settings)
