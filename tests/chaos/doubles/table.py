"""What the supervisor starts there: the servers here, each program on both hosts, and the balancer."""

import asyncio
import shutil
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.probes import Probe, asked, both, port_probe
from deploy.local.program import Program, Stage
from deploy.local.settings import OWNERS_OF_DATA, REPOSITORY, Settings
from deploy.local.table import environment, stages
from tests.chaos.doubles.balancer import configuration
from tests.chaos.doubles.hosts import APPS, BALANCER, Hosts

PORTS = {name: 9001 + number for number, name in enumerate(OWNERS_OF_DATA)}
RELAYS = "relays"
"""The file in which gateways find them."""
_READY_WITHIN_S = 240.0
"""Fifteen programs that import everything themselves, at once."""
_PUBLIC, _PRIVATE, _RELAY = 8000, 9020, 9030


def doubled(settings: Settings, hosts: Hosts) -> list[Stage]:
    """PostgreSQL and Valkey as ever, at Unix sockets, which all hosts share."""
    servers = stages(settings)[:2]
    owners = [_on(hosts, host, name, PORTS[name], settings) for name in OWNERS_OF_DATA for host in APPS]
    relays = [_on(hosts, host, "relay", port, settings) for host, port in relay_ports().values()]
    gateways = [_on(hosts, host, "gateway", _PRIVATE, settings) for host in APPS]
    return [*servers, [_balancer(hosts, settings)], owners, [*relays, *gateways]]


def relay_ports() -> dict[str, tuple[str, int]]:
    """By name: three, of which two are on one host."""
    return {f"relay-{number + 1}": (APPS[number % 2], _RELAY + number) for number in range(3)}


def addresses_of_relays(hosts: Hosts) -> dict[str, str]:
    return {name: f"{hosts.address(host)}:{port}" for name, (host, port) in relay_ports().items()}


def list_relays(hosts: Hosts, data_dir: Path, names: Sequence[str]) -> None:
    """Those that gateways send people to from now on."""
    known = addresses_of_relays(hosts)
    fresh = data_dir / f"{RELAYS}.next"
    fresh.write_text("".join(f"{name}={known[name]}\n" for name in names))
    fresh.replace(data_dir / RELAYS)


def public_url(hosts: Hosts) -> str:
    return f"http://{hosts.address(BALANCER)}:{_PUBLIC}"


def _on(hosts: Hosts, host: str, program: str, port: int, settings: Settings) -> Program:
    number = port - _RELAY + 1 if program == "relay" else APPS.index(host) + 1
    name = f"{program}-{number}"
    module = program if program == "gateway" else f"services.{program}"
    tls = settings.data_dir / "tls" / host
    told = {
        **environment(program if program != "relay" else name, settings),
        "DUET_LISTEN": f"{hosts.address(host)}:{port}",
        "DUET_BIND": hosts.address(host),
        "DUET_PORT": str(_PUBLIC),
        "DUET_PUBLIC_URL": public_url(hosts),
        "DUET_NODE": name,
        "DUET_TLS_DIR": str(tls),
        "DUET_RELAY_URLS": f"@{settings.data_dir / RELAYS}",
        **{
            f"DUET_{of.upper()}_URL": f"http://{hosts.address(BALANCER)}:{PORTS[of]}" for of in OWNERS_OF_DATA
        },
    }
    ready = _tls_probe(hosts.address(host), port, tls)
    if program == "gateway":  # and the balancer knows
        front = hosts.address(BALANCER)
        ready = both(ready, port_probe(front, _PUBLIC, f"{front}:{_PUBLIC}"))
    return Program(
        name=name,
        command=hosts.on(host, sys.executable, "-m", module),
        ready=ready,
        options={"env": told, "cwd": REPOSITORY},
        ready_within_s=_READY_WITHIN_S,
        stop_within_s=15.0,
    )


def _tls_probe(address: str, port: int, tls: Path) -> Probe:
    """GET /health/ready as another program would."""
    context = ssl.create_default_context(cafile=str(tls / "ca.pem"))
    context.load_cert_chain(tls / "cert.pem", tls / "key.pem")

    async def probe() -> str:
        try:
            status, body = await asked(
                lambda: asyncio.open_connection(address, port, ssl=context), address, "/health/ready"
            )
        except (OSError, TimeoutError) as error:
            return f"no answer ({error or 'timed out'})"
        return "" if status.startswith("HTTP/1.1 200") else f"{status} {body[:300]}"

    return probe


def _balancer(hosts: Hosts, settings: Settings) -> Program:
    file = settings.data_dir / "haproxy.cfg"

    def prepare() -> None:
        file.write_text(configuration(hosts, settings.data_dir, PORTS, _PUBLIC))
        if not (settings.data_dir / RELAYS).exists():
            list_relays(hosts, settings.data_dir, list(relay_ports()))

    async def begun() -> str:
        return "" if file.exists() else "it has not begun"

    return Program(
        name="balancer",
        command=hosts.on(BALANCER, shutil.which("haproxy") or "haproxy", "-db", "-f", str(file)),
        ready=begun,
        prepare=prepare,
        options={"env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, "cwd": REPOSITORY},
    )
