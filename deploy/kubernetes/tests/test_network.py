"""Who may reach whom is who asks whom by the programs' settings, and nobody else."""

from typing import Any

from deploy.kubernetes.tests.conftest import Manifests
from deploy.kubernetes.tests.test_manifests import PROGRAMS, fields

_STORES = {"postgres_url": 5432, "redis_url": 6379}


def asked_by(program: str) -> set[str]:
    """The programs that its settings name."""
    peers = {name.removesuffix("_url") for name in fields(program)} & set(PROGRAMS)
    return peers | ({"relay"} if "relay_urls" in fields(program) else set())


def peers_of(rules: list[dict[str, Any]], direction: str) -> set[str]:
    return {
        peer["podSelector"]["matchLabels"]["app"]
        for rule in rules
        for peer in rule.get(direction, [])
        if "podSelector" in peer
    }


def test_at_first_nobody_reaches_anybody(manifests: Manifests) -> None:
    nobody = manifests.of("NetworkPolicy")["nobody"]["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert set(PROGRAMS) <= manifests.of("NetworkPolicy").keys()


def test_a_program_reaches_those_that_it_asks_and_hears_those_that_ask_it(manifests: Manifests) -> None:
    policies = manifests.of("NetworkPolicy")
    for program in PROGRAMS:
        spec = policies[program]["spec"]
        assert spec["podSelector"] == {"matchLabels": {"app": program}}
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert peers_of(spec.get("egress", []), "to") == asked_by(program), program
        askers = {other for other in PROGRAMS if program in asked_by(other)}
        assert peers_of(spec.get("ingress", []), "from") == askers, program


def test_only_who_has_a_store_reaches_its_port_and_only_notify_the_world(manifests: Manifests) -> None:
    for program in PROGRAMS:
        rules = manifests.of("NetworkPolicy")[program]["spec"].get("egress", [])
        anywhere = {port["port"] for rule in rules if "to" not in rule for port in rule["ports"]}
        stores = {port for name, port in _STORES.items() if name in fields(program)}
        assert anywhere == stores | ({443} if program == "media" else set()), program
        blocks = [peer["ipBlock"] for rule in rules for peer in rule.get("to", []) if "ipBlock" in peer]
        assert len(blocks) == (program == "notify")
        for block in blocks:
            assert {"10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"} <= set(block["except"])


def test_only_the_balancer_reaches_the_public_port(manifests: Manifests) -> None:
    [rule] = manifests.of("NetworkPolicy")["gateway"]["spec"]["ingress"]
    assert [port["port"] for port in rule["ports"]] == [int(manifests.told("gateway")["DUET_PORT"])]
    assert all(peer.keys() == {"namespaceSelector"} for peer in rule["from"])
