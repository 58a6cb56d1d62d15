"""HAProxy's configuration: TLS goes through it untouched, and a program that is not ready gets nothing new.

Who drains (404) keeps the connections that it has; of who cannot serve, the owners' are cut, so that links move. It is
patient: a machine that is busy with starting programs may take a second for a handshake, and both of two are then down.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.chaos.doubles.hosts import APPS, BALANCER, Hosts

_HEAD = """
global
  maxconn 4000
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 5s
  option redispatch
  retries 3
  option httpchk
  http-check disable-on-404
  default-server inter 1s fastinter 500ms downinter 500ms rise 1 fall 6
"""
_READY = "/health/ready?draining=404"
_OWNER = "on-marked-down shutdown-sessions"
"""Not of a gateway: where it cannot reach a part for a moment the others cannot either, and its people stay."""
_TLS = "check-ssl verify required verifyhost {host} ca-file {tls}/ca.pem crt {tls}/both.pem"


def configuration(hosts: Hosts, data_dir: Path, ports: Mapping[str, int], public: int) -> str:
    """ports: where each program listens, on the balancer as on its hosts; public: the gateways' for people."""
    tls, at = data_dir / "tls" / BALANCER, hosts.address(BALANCER)
    parts = [_HEAD]
    for program, port in {**ports, "public": public}.items():
        lines = [
            f"listen {program}",
            f"  bind {at}:{port}",
            "  balance leastconn",
            f"  http-check send meth GET uri {_READY} ver HTTP/1.1 hdr Host {at}:{port} hdr Connection close",
        ]
        for host in APPS:
            address = hosts.address(host)
            how = "" if program == "public" else f" {_OWNER} {_TLS.format(host=host, tls=tls)}"
            lines.append(f"  server {host} {address}:{port} check{how}")
        parts.append("\n".join(lines))
    return "\n".join(parts) + "\n"
