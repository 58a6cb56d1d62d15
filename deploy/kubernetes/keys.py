"""`python -m deploy.kubernetes.keys`: prints new keys of all programs as Secrets, for `kubectl apply -f -`. Once.

Each program gets its own, and the public ones of all. What files are sealed with (duet-files) and who we are to push
services (in duet-key-notify) are among them: keep a copy of these two where only you can read it.
"""

import json
import os
import sys
from base64 import b64encode
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.plumbing.program_keys import PROGRAMS

_NAMESPACE = "duet"
_FILES_KEY_BYTES = 32
_PEM = serialization.Encoding.PEM
_PRIVATE = (_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def secrets() -> list[dict[str, Any]]:
    """Those that the manifests mount, but for the addresses of servers."""
    keys = {program: Ed25519PrivateKey.generate() for program in sorted(PROGRAMS)}
    own = {program: {"signing.pem": key.private_bytes(*_PRIVATE).decode()} for program, key in keys.items()}
    own["notify"]["notify.vapid.key"] = generate_private_key(SECP256R1()).private_bytes(*_PRIVATE).decode()
    public = {
        program: key.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        for program, key in keys.items()
    }
    return [
        *(_secret(f"duet-key-{program}", data) for program, data in own.items()),
        _secret("duet-trusted", {"keys.json": json.dumps(public)}),
        _secret("duet-files", {"files.key": b64encode(os.urandom(_FILES_KEY_BYTES)).decode()}),
    ]


def _secret(name: str, data: dict[str, str]) -> dict[str, Any]:
    metadata = {"name": name, "namespace": _NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


if __name__ == "__main__":
    json.dump({"apiVersion": "v1", "kind": "List", "items": secrets()}, sys.stdout, indent=1)
