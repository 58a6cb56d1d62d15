"""Every name, port, path and number of the manifests is one that the programs know."""

import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from deploy.kubernetes.keys import secrets
from deploy.kubernetes.tests.conftest import Manifests
from deploy.local.settings import REPOSITORY
from gateway.tunnel import _DRAIN_SLACK_S
from gateway.tunnel import DRAIN_S as TUNNELS_DRAIN_S
from services.media.transfers import FINISH_S
from services.relay.drain import _BATCHES_WITHIN_S
from services.relay.node import _LAST_WORDS_S
from services.threads.link import _CLOSE_S, _FINISH_S
from shared.plumbing.app import _GRACE_S, private_routes
from shared.plumbing.settings import config as configuration
from shared.plumbing.settings.config import BaseConfig
from shared.plumbing.settings.files import SUFFIX
from shared.plumbing.settings.kinds import DNS
from shared.plumbing.settings.known import KNOWN, given
from shared.plumbing.transport.address import Address
from shared.version import VERSION

PROGRAMS = ("gateway", "relay", "auth", "threads", "game", "media", "notify")


def config_of(program: str) -> type[BaseConfig]:
    module = import_module("gateway.config" if program == "gateway" else f"services.{program}.config")
    found: type[BaseConfig] = getattr(module, "GatewayConfig" if program == "gateway" else "Config")
    return found


def fields(program: str) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(config_of(program))}


def container_of(manifests: Manifests, program: str) -> dict[str, Any]:
    [container] = dict(manifests.pods())[program]["containers"]
    found: dict[str, Any] = container
    return found


def ports_of(container: Mapping[str, Any]) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in container["ports"]}


def test_the_backup_is_made_each_day_and_tells_prometheus(manifests: Manifests) -> None:
    told, container = manifests.told("backup"), container_of(manifests, "backup")
    assert container["command"][-4:] == ["deploy.local", "backup", "--every", "day"]
    assert set(told) <= {*KNOWN, *(f"{name}{SUFFIX}" for name in KNOWN)}
    assert ports_of(container)["metrics"] == Address.parse(told["DUET_METRICS_LISTEN"]).port
    assert manifests.of("Deployment")["backup"]["spec"]["strategy"] == {"type": "Recreate"}


def test_programs_wait_for_the_job_that_migrates_wherever_there_is_one(manifests: Manifests) -> None:
    assert ("migrate" in manifests.of("Job")) == (manifests.told("threads").get("DUET_MIGRATE") == "off")
    if "migrate" in manifests.of("Job"):
        assert set(manifests.told("migrate")) == {"DUET_DATA_DIR", "DUET_POSTGRES_URL_FILE"}
        command = container_of(manifests, "migrate")["command"]
        assert "migrate" in subprocess.check_output(
            [sys.executable, *command[1:-1], "--help"], cwd=REPOSITORY, text=True
        )


def test_there_are_all_seven_programs(manifests: Manifests) -> None:
    assert manifests.programs.keys() == set(PROGRAMS)


def test_every_environment_name_is_a_setting_and_every_value_one_that_can_be(manifests: Manifests) -> None:
    for name, _ in manifests.pods():
        told = manifests.told(name)
        assert {one.removesuffix(SUFFIX) for one in told} <= set(KNOWN), name
        given({one: text for one, text in told.items() if not one.endswith(SUFFIX)})


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_starts_with_what_its_pod_is_told_and_the_files_that_it_has(
    manifests: Manifests, program: str, tmp_path: Path
) -> None:
    """The files of what is mounted are there, and no others: a setting that names one of those ends the program."""
    urls = {"duet-redis": "redis://cache:6379", "duet-postgres": "postgresql://duet:secret@db/duet"}
    urls["duet-s3"] = "https://id:secret@s3.example/bucket"
    files = {name: {"url": url} for name, url in urls.items()}
    files |= {secret["metadata"]["name"]: secret["stringData"] for secret in secrets()}
    pod, container = dict(manifests.pods())[program], container_of(manifests, program)
    secret_of = {one["name"]: one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
    for mount in container["volumeMounts"]:
        for name, text in files.get(secret_of.get(mount["name"], ""), {}).items():
            path = tmp_path / mount["mountPath"].removeprefix("/") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    told = {
        name: f"{tmp_path}{text}" if text.startswith("/secrets/") else text
        for name, text in manifests.told(program).items()
    }
    config = configuration.read(config_of(program), told, prefer=program)
    assert config.metrics_addresses == [Address.parse(told["DUET_METRICS_LISTEN"])]
    assert getattr(config, "redis_url", urls["duet-redis"]) == urls["duet-redis"]
    assert getattr(config, "postgres_url", urls["duet-postgres"]) == urls["duet-postgres"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_program_has_a_secret_that_only_another_needs(manifests: Manifests, program: str) -> None:
    pod, container = dict(manifests.pods())[program], container_of(manifests, program)
    needed = {name for name in ("postgres_url", "redis_url") if name in fields(program)}
    mounted = {one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
    allowed = {f"duet-key-{program}", "duet-trusted", *(f"duet-{name[:-4]}" for name in needed)}
    assert mounted - {"duet-s3", "duet-files"} == allowed
    assert not {"duet-s3", "duet-files"} & mounted or program == "media"
    assert {mount["name"] for mount in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}


@pytest.mark.parametrize("program", PROGRAMS)
def test_ports_are_those_that_the_program_listens_at_and_probes_are_routes(
    manifests: Manifests, program: str
) -> None:
    told, container = manifests.told(program), container_of(manifests, program)
    ports = {
        "internal": Address.parse(told["DUET_LISTEN"]).port,
        "metrics": Address.parse(told["DUET_METRICS_LISTEN"]).port,
    }
    if program == "gateway":
        ports["public"] = int(told["DUET_PORT"])
    assert ports_of(container) == ports
    routes = {route.path for route in private_routes()}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"] in routes
        assert asked["port"] == "internal"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["command"][-1] == ("gateway" if program == "gateway" else f"services.{program}")


def test_every_address_is_a_services_and_leads_to_its_programs_port(manifests: Manifests) -> None:
    services = manifests.of("Service")
    for service in services.values():
        program = service["spec"]["selector"]["app"]
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports_of(container_of(manifests, program))
    told = manifests.told("gateway")
    for program in ("auth", "threads", "game", "media", "notify"):
        url = urlsplit(told[f"DUET_{program.upper()}_URL"])
        assert url.hostname == program
        assert url.port in [port["port"] for port in services[program]["spec"]["ports"]]


def test_the_gateways_find_every_relay_by_name_ready_or_not(manifests: Manifests) -> None:
    relay = manifests.programs["relay"]
    service = manifests.of("Service")[relay["spec"]["serviceName"]]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"]  # the gateways ask each by itself
    [port] = service["spec"]["ports"]
    found = manifests.told("gateway")["DUET_RELAY_URLS"]
    assert found == f"{DNS}{service['metadata']['name']}:{port['port']}"
    assert (
        port["port"] == ports_of(container_of(manifests, "relay"))[port["targetPort"]]
    )  # no proxy in between


def test_a_pod_may_take_as_long_as_its_program_drains(manifests: Manifests) -> None:
    drain_s = dict.fromkeys(PROGRAMS, _GRACE_S)
    drain_s["gateway"] += TUNNELS_DRAIN_S + _DRAIN_SLACK_S
    drain_s["threads"] += _FINISH_S + _CLOSE_S
    drain_s["media"] += FINISH_S
    told = manifests.told("relay")
    spread_s = float(told.get("DUET_RELAY_DRAIN_S", fields("relay")["drain_s"].default))
    drain_s["relay"] += spread_s + _BATCHES_WITHIN_S + _LAST_WORDS_S
    for program, needed_s in drain_s.items():
        pod = dict(manifests.pods())[program]
        delay_s = float(manifests.told(program)["DUET_DRAIN_DELAY_S"])
        assert pod["terminationGracePeriodSeconds"] >= 1.2 * (delay_s + needed_s), program


def test_no_pod_may_do_what_it_need_not(manifests: Manifests) -> None:
    for name, pod in manifests.pods():
        [container] = pod["containers"]
        assert pod["enableServiceLinks"] is False, name
        assert pod["automountServiceAccountToken"] is False, name
        rights = pod["securityContext"]
        assert rights["runAsNonRoot"] is True, name
        assert rights["runAsUser"] == 10001, name
        assert rights["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert "memory" in container["resources"]["limits"], name


def test_every_pod_is_of_one_image_of_this_version(manifests: Manifests) -> None:
    images = {pod["containers"][0]["image"] for _, pod in manifests.pods()}
    assert images == {f"registry.example.org/duet:{VERSION}"}


def test_every_selector_finds_its_pods(manifests: Manifests) -> None:
    labels = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in manifests.programs.items()}
    for name, one in manifests.programs.items():
        assert one["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    for kind in ("PodDisruptionBudget", "Service"):
        found = {
            (one["spec"]["selector"].get("matchLabels") or one["spec"]["selector"])["app"]
            for one in manifests.of(kind).values()
        }
        assert found == set(PROGRAMS), kind
    for scaler in manifests.of("HorizontalPodAutoscaler").values():
        target = scaler["spec"]["scaleTargetRef"]
        assert manifests.of(target["kind"])[target["name"]]["spec"].get("replicas") is None


def test_relays_are_scaled_by_a_metric_that_they_export(manifests: Manifests) -> None:
    import_module("services.relay.metrics")
    from prometheus_client import REGISTRY

    for scaler in manifests.of("HorizontalPodAutoscaler").values():
        for metric in scaler["spec"]["metrics"]:
            if metric["type"] == "Pods":
                assert metric["pods"]["metric"]["name"] in REGISTRY._names_to_collectors
    for monitor in manifests.of("PodMonitor").values():
        for end in monitor["spec"]["podMetricsEndpoints"]:
            assert (end["port"], end["path"]) == ("metrics", "/metrics")


def test_the_schemas_of_kubernetes_find_no_fault(manifests: Manifests) -> None:
    validate = pytest.importorskip(
        "kubernetes_validate", reason="72 MB of schemas are not among what we need"
    )
    for one in manifests.objects:
        if one["kind"] != "PodMonitor":  # which has none there
            validate.validate(one, "1.33", strict=True)
