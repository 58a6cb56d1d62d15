"""The keys that are made for a cluster are what the programs take, and what the manifests mount."""

from pathlib import Path
from uuid import UUID

from deploy.kubernetes.keys import secrets
from deploy.kubernetes.tests.conftest import Manifests
from services.media.blobs.keys import decode
from services.notify import vapid
from shared.plumbing.identity import Caller, User, Verifier, load
from shared.plumbing.program_keys import PROGRAMS


def test_programs_believe_each_other_by_the_keys_that_are_made(tmp_path: Path) -> None:
    for secret in secrets():
        for name, text in secret["stringData"].items():
            path = tmp_path / secret["metadata"]["name"] / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    ann = User(7, "ann", UUID(int=5))
    for program in PROGRAMS:
        told = {
            "DUET_SIGNING_KEY_FILE": str(tmp_path / f"duet-key-{program}" / "signing.pem"),
            "DUET_TRUSTED_KEYS_FILE": str(tmp_path / "duet-trusted" / "keys.json"),
        }
        signer, ring = load(program, tmp_path / "none", told)
        user = ann if program == "gateway" else None
        assert Verifier("threads", ring).caller(signer.token("threads", user)) == Caller(program, user)
    assert len(decode((tmp_path / "duet-files" / "files.key").read_text())) == 1
    vapid.load(tmp_path / "duet-key-notify", "mailto:a@b.example")
    assert not (tmp_path / "none").exists()


def test_every_secret_that_is_mounted_is_made_or_an_address_of_the_operators(manifests: Manifests) -> None:
    volumes = [volume for _, pod in manifests.pods() for volume in pod["volumes"]]
    mounted = {volume["secret"]["secretName"] for volume in volumes if "secret" in volume}
    made = {secret["metadata"]["name"] for secret in secrets()}
    assert mounted - made <= {"duet-postgres", "duet-redis", "duet-s3"}
    assert made <= mounted
