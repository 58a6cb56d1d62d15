"""What compose.yaml starts, and what each container may do."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.compose.tests.caddy import CADDY, CADDYFILE
from deploy.local.settings import OWNERS_OF_DATA, from_environment
from deploy.local.table import stages
from shared.plumbing.settings.known import given

_HERE = Path(__file__).parents[1]


@pytest.fixture
def composed() -> dict[str, Any]:
    """The file, read as YAML."""
    read: dict[str, Any] = yaml.safe_load((_HERE / "compose.yaml").read_text())
    return read


def test_caddy_finds_no_fault_in_its_configuration() -> None:
    command = [str(CADDY), "validate", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
    said = subprocess.run(
        command, env=os.environ | {"DUET_DOMAIN": "chat.example.org"}, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr


def test_only_caddy_has_ports(composed: dict[str, Any]) -> None:
    assert [name for name, service in composed["services"].items() if "ports" in service] == ["caddy"]


def test_every_container_is_read_only_and_has_no_capability_that_it_does_not_need(
    composed: dict[str, Any],
) -> None:
    to_leave_root = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]
    added = {"caddy": ["NET_BIND_SERVICE"], "postgres": to_leave_root}
    for name, service in composed["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("cap_add", []) == added.get(name, []), name
        assert service.keys() >= {"mem_limit", "pids_limit"}, name


def test_postgres_is_on_no_network_and_valkey_on_none_with_a_way_out(composed: dict[str, Any]) -> None:
    services = composed["services"]
    assert services["postgres"]["network_mode"] == services["backup"]["network_mode"] == "none"
    assert [composed["networks"][name] for name in services["valkey"]["networks"]] == [{"internal": True}]
    assert services["caddy"]["networks"] == ["front"]


def test_duet_starts_with_what_compose_tells_it_and_brings_no_servers_of_its_own(
    composed: dict[str, Any], tmp_path: Path
) -> None:
    told = dict(composed["services"]["duet"]["environment"], DUET_DATA_DIR=str(tmp_path))
    told |= {"DUET_PUBLIC_URL": "https://chat.example.org", "DUET_LOG_LEVEL": "info"}
    given(told)
    started = {program.name for stage in stages(from_environment(told)) for program in stage}
    assert started >= {"gateway", *OWNERS_OF_DATA}
    assert not started & {"postgres", "redis"}


def test_every_volume_is_declared_and_every_mounted_file_is_here(composed: dict[str, Any]) -> None:
    for service in composed["services"].values():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert (_HERE / source).is_file() if source.startswith("./") else source in composed["volumes"]


def test_without_a_domain_it_says_what_is_missing(composed: dict[str, Any]) -> None:
    for name in ("caddy", "duet"):
        values = composed["services"][name]["environment"].values()
        assert any("DUET_DOMAIN:?Say under which name" in value for value in values)
