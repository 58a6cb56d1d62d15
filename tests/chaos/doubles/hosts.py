"""Hosts that are network namespaces on one bridge, and the certificates that they have."""

import contextlib
import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shared.testing.authority import Authority

FILE = "doubles.json"
"""In the data directory: that there are hosts, and which."""
BALANCER, APPS = "front", ("one", "two")


class Hosts(msgspec.Struct, frozen=True):
    """mark: begins the names of their namespaces. network: the first three numbers of their addresses."""

    mark: str
    network: str

    def namespace(self, host: str) -> str:
        return f"{self.mark}-{host}"

    def address(self, host: str) -> str:
        return f"{self.network}.{2 + (BALANCER, *APPS).index(host)}"

    def on(self, host: str, *command: str) -> list[str]:
        """The command as it runs there, under the same process id."""
        return ["ip", "netns", "exec", self.namespace(host), *command]


def hosts_of(data_dir: Path) -> Hosts | None:
    """None for an instance on one host."""
    file = data_dir / FILE
    return msgspec.json.decode(file.read_bytes(), type=Hosts) if file.exists() else None


@contextlib.contextmanager
def standing(data_dir: Path) -> Iterator[Hosts]:
    """Three hosts, with certificates in `<data dir>/tls`, gone at the end. We are at the bridge ourselves."""
    hosts = Hosts(f"duet{os.getpid() % 100000}", f"10.{random.randint(64, 250)}.{random.randint(0, 250)}")
    bridge = f"{hosts.mark}-br"
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{hosts.network}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in (BALANCER, *APPS):
            _join(hosts, host, bridge)
        _certify(hosts, data_dir / "tls")
        (data_dir / FILE).write_text(json.dumps(msgspec.to_builtins(hosts)))
        yield hosts
    finally:
        for host in (BALANCER, *APPS):
            subprocess.run(["ip", "netns", "del", hosts.namespace(host)], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", bridge], check=False, capture_output=True)


def _join(hosts: Hosts, host: str, bridge: str) -> None:
    """A namespace with one end of a cable whose other end is at the bridge."""
    namespace, cable = hosts.namespace(host), f"{hosts.mark}{host[0]}{host[1]}"
    _ip("netns", "add", namespace)
    _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace)
    _ip("link", "set", cable, "master", bridge, "up")
    _ip("-n", namespace, "addr", "add", f"{hosts.address(host)}/24", "dev", "eth0")
    _ip("-n", namespace, "link", "set", "eth0", "up")
    _ip("-n", namespace, "link", "set", "lo", "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _certify(hosts: Hosts, directory: Path) -> None:
    """For each host: good for its own address and for the balancer's, by which it is called."""
    directory.mkdir()
    authority = Authority(directory, "authority")
    for host in (BALANCER, *APPS):
        certificate, key = authority.give(host, hosts.address(host), hosts.address(BALANCER))
        own = directory / host
        own.mkdir()
        (own / "cert.pem").write_bytes(certificate.read_bytes())
        (own / "key.pem").write_bytes(key.read_bytes())
        (own / "ca.pem").write_bytes(authority.ca.read_bytes())
        (own / "both.pem").write_bytes(certificate.read_bytes() + key.read_bytes())
