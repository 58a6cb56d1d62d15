"""Tokens: only the gateway speaks for users, only for one audience, only for a minute."""

import json
import time
from itertools import count
from pathlib import Path
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from shared.plumbing import watched_file
from shared.plumbing.identity import Caller, Signer, User, Verifier, load
from shared.plumbing.program_keys import public_keys
from shared.wire.problems import Unauthenticated

ANN = User(7, "ann", UUID(int=5))


def verifier(audience: str, directory: Path) -> Verifier:
    return Verifier(audience, load(audience, directory)[1])


def test_a_service_learns_who_calls_and_for_whom(tmp_path: Path) -> None:
    gateway, _ = load("gateway", tmp_path)
    assert verifier("threads", tmp_path).caller(gateway.token("threads", ANN)) == Caller("gateway", ANN)
    assert verifier("auth", tmp_path).caller(gateway.token("auth")) == Caller("gateway", None)


def test_a_token_for_another_audience_is_refused(tmp_path: Path) -> None:
    gateway, _ = load("gateway", tmp_path)
    with pytest.raises(Unauthenticated):
        verifier("auth", tmp_path).caller(gateway.token("threads", ANN))


def test_no_program_but_the_gateway_speaks_for_a_user(tmp_path: Path) -> None:
    relay, _ = load("relay", tmp_path)
    with pytest.raises(Unauthenticated):
        verifier("threads", tmp_path).caller(relay.token("threads", ANN))


@pytest.mark.parametrize(
    ("lives_s", "change"), [(-60, {}), (600, {}), (60, {"aud": "game"}), (60, {"iss": "relay"})]
)
def test_a_stale_long_lived_or_mislabelled_token_is_refused(
    tmp_path: Path, lives_s: int, change: dict[str, str]
) -> None:
    load("gateway", tmp_path)
    load("relay", tmp_path)
    pem = (tmp_path / "gateway.key").read_bytes()
    now = int(time.time())
    claims = {"iss": "gateway", "aud": "threads", "iat": now, "exp": now + lives_s} | change
    token = jwt.encode(claims, pem, algorithm="EdDSA", headers={"kid": "gateway"})
    with pytest.raises(Unauthenticated):
        verifier("threads", tmp_path).caller(token)


def test_a_strangers_key_is_refused_whatever_it_calls_itself(tmp_path: Path) -> None:
    load("gateway", tmp_path)
    stranger = Signer("gateway", Ed25519PrivateKey.generate)
    with pytest.raises(Unauthenticated):
        verifier("threads", tmp_path).caller(stranger.token("threads", ANN))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_other_algorithm_is_taken(tmp_path: Path, algorithm: str) -> None:
    load("gateway", tmp_path)
    now = int(time.time())
    claims = {"iss": "gateway", "aud": "threads", "iat": now, "exp": now + 60}
    secret = "" if algorithm == "none" else "x" * 64
    token = jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": "gateway"})
    with pytest.raises(Unauthenticated):
        verifier("threads", tmp_path).caller(token)


@pytest.mark.parametrize("kid", ["../gateway", "nobody", ""])
def test_a_key_id_never_names_a_file_of_the_callers_choice(tmp_path: Path, kid: str) -> None:
    gateway, _ = load("gateway", tmp_path)
    pem = (tmp_path / "gateway.key").read_bytes()
    token = jwt.encode(
        {"iss": gateway.program, "aud": "threads"}, pem, algorithm="EdDSA", headers={"kid": kid}
    )
    with pytest.raises(Unauthenticated):
        verifier("threads", tmp_path).caller(token)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    load("relay", tmp_path / "keys")
    first = (tmp_path / "keys" / "relay.key").read_bytes()
    load("relay", tmp_path / "keys")
    assert (tmp_path / "keys" / "relay.key").read_bytes() == first
    assert (tmp_path / "keys" / "relay.key").stat().st_mode & 0o777 == 0o600


def test_a_program_that_lost_its_key_is_believed_with_the_next(tmp_path: Path) -> None:
    threads = verifier("threads", tmp_path)
    lost, _ = load("gateway", tmp_path)
    threads.caller(lost.token("threads", ANN))
    (tmp_path / "gateway.key").unlink()
    next_one, _ = load("gateway", tmp_path)
    assert threads.caller(next_one.token("threads", ANN)) == Caller("gateway", ANN)
    with pytest.raises(Unauthenticated):
        threads.caller(lost.token("threads"))


def test_a_forger_does_not_make_a_key_forgotten_whose_file_is_gone(tmp_path: Path) -> None:
    threads = verifier("threads", tmp_path)
    gateway, _ = load("gateway", tmp_path)
    threads.caller(gateway.token("threads", ANN))
    (tmp_path / "gateway.pub").unlink()
    with pytest.raises(Unauthenticated):
        threads.caller(Signer("gateway", Ed25519PrivateKey.generate).token("threads", ANN))
    assert threads.caller(gateway.token("threads")) == Caller("gateway", None)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public(*keys: Ed25519PrivateKey) -> str:
    form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    return "".join(key.public_key().public_bytes(*form).decode() for key in keys)


@pytest.mark.parametrize("given", [False, True], ids=["key directory", "files of settings"])
def test_a_signing_key_is_replaced_under_calls_and_none_fails(
    tmp_path: Path, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_file, "_LOOK_EVERY_S", 0.0)
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    private, public = tmp_path / "gateway.key", tmp_path / ("trusted" if given else "gateway.pub")

    def trust(*keys: Ed25519PrivateKey) -> None:
        text = _public(*keys)
        (tmp_path / "next").write_text(json.dumps({"gateway": text}) if given else text)
        (tmp_path / "next").rename(public)

    private.write_bytes(_pem(old))
    trust(old)
    environ = {"DUET_SIGNING_KEY_FILE": str(private), "DUET_TRUSTED_KEYS_FILE": str(public)} if given else {}
    signer, ring = load("gateway", tmp_path, environ)
    threads = Verifier("threads", ring)
    ids = count(1)

    def call() -> str:
        """By somebody new, so that a token is signed and checked."""
        number = next(ids)
        token = signer.token("threads", User(number, "ann", UUID(int=number)))
        assert threads.caller(token).program == "gateway"
        return token

    signed_before = [call() for _ in range(3)]
    trust(old, new)
    load("gateway", tmp_path, environ)  # another replica starts meanwhile: it leaves the next key in place
    call()
    private.write_bytes(_pem(new))
    signed_since = [call() for _ in range(3)]
    fresh = Verifier("threads", load("gateway", tmp_path, environ)[1])
    assert {fresh.caller(token).program for token in signed_before + signed_since} == {"gateway"}
    trust(new)
    call()
    after = Verifier("threads", ring)
    assert {after.caller(token).program for token in signed_since} == {"gateway"}
    for token in signed_before:
        with pytest.raises(Unauthenticated):
            after.caller(token)


def test_a_key_file_that_is_damaged_later_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_file, "_LOOK_EVERY_S", 0.0)
    gateway, ring = load("gateway", tmp_path)
    threads = Verifier("threads", ring)
    threads.caller(gateway.token("threads"))
    for name in ("gateway.key", "gateway.pub"):
        (tmp_path / name).write_text("half of a")
    assert threads.caller(gateway.token("threads", ANN)) == Caller("gateway", ANN)


def test_several_trusted_keys_are_a_list_or_one_text() -> None:
    keys = [Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()]
    for pems in (_public(*keys), [_public(key) for key in keys]):
        assert len(public_keys(json.dumps({"relay": pems}))["relay"]) == 2
    for wrong in ("", [], [_public(keys[0]), "x"], _pem(keys[0]).decode()):
        with pytest.raises(ValueError, match="public keys"):
            public_keys(json.dumps({"relay": wrong}))


def test_keys_can_come_from_the_environment(tmp_path: Path) -> None:
    load("gateway", tmp_path)
    environ = {
        "DUET_SIGNING_KEY": (tmp_path / "gateway.key").read_text(),
        "DUET_TRUSTED_KEYS": json.dumps({"gateway": (tmp_path / "gateway.pub").read_text()}),
    }
    signer, keys = load("gateway", tmp_path / "unused", environ)
    assert Verifier("auth", keys).caller(signer.token("auth", ANN)).user == ANN
    assert not (tmp_path / "unused").exists()
