"""A push service on loopback, with a certificate of its own, and browsers that subscribe at it.

What comes is decrypted, and who sent it checked, by the steps of RFC 8188, 8291 and 8292 themselves: nothing is shared
with what encrypts and signs.
"""

import asyncio
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import ssl
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

import msgspec
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from shared.wire import codec
from shared.wire.push import Push, PushKeys, Subscribe

_POINT = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
_MOST_BYTES = 4096
_LONGEST_S = 24 * 3600
_WITHIN_S = 20.0
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


class Received(msgspec.Struct, frozen=True):
    """One push. at: monotonic."""

    device: str
    push: Push
    topic: str
    urgency: str
    ttl: int
    at: float


class Browser:
    """A browser's subscription. key: of the application server that it was made for."""

    def __init__(self, name: str, url: str, key: str) -> None:
        self.name = name
        self.key = key
        self.endpoint = f"{url}/push/{name}-{os.urandom(8).hex()}"
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._public = self._private.public_key().public_bytes(*_POINT)
        self._secret = os.urandom(16)

    def subscription(self, *, hide_text: bool = False) -> Subscribe:
        """What its page sends."""
        return Subscribe(self.endpoint, PushKeys(text_of(self._public), text_of(self._secret)), hide_text)

    def decrypted(self, body: bytes) -> Push:
        """Raises AssertionError, InvalidTag for what is not meant for it."""
        assert len(body) <= _MOST_BYTES
        salt, size, key_length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        key, sealed = body[21 : 21 + key_length], body[21 + key_length :]
        assert len(sealed) <= size, "more than one record"
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
        shared = self._private.exchange(ec.ECDH(), sender)
        ikm = _expand(_mac(self._secret, shared), b"WebPush: info\0" + self._public + key, 32)
        prk = _mac(salt, ikm)
        content_key = _expand(prk, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expand(prk, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1:] == b"\2", "not the last record"
        return codec.decode(plain[:-1], Push)


class PushService:
    """answers: what a browser's next pushes are answered with (status, headers), by its name; otherwise 201.

    held: browsers whose pushes get no answer until their name is taken out. news: notified of each push.
    """

    def __init__(self, directory: Path) -> None:
        self.ca = directory / "push-ca.pem"
        self.url = ""
        self.host = ""
        self.received: list[Received] = []
        self.asked: defaultdict[str, int] = defaultdict(int)
        self.answers: defaultdict[str, deque[tuple[int, dict[str, str]]]] = defaultdict(deque)
        self.held: set[str] = set()
        self.complaints: list[str] = []
        self._browsers: dict[str, Browser] = {}
        self.news = asyncio.Condition()

    def browser(self, name: str, key: str) -> Browser:
        """One that subscribes here."""
        browser = Browser(name, self.url, key)
        self._browsers[browser.endpoint.rpartition("/")[2]] = browser
        return browser

    def of(self, *names: str) -> list[Received]:
        """What these browsers took."""
        return [one for one in self.received if one.device in names]

    async def until(self, condition: Callable[[], Any], within_s: float = _WITHIN_S) -> None:
        """Looks after each push. Raises TimeoutError."""
        async with asyncio.timeout(within_s), self.news:
            await self.news.wait_for(condition)

    async def take(self, name: str, count: int = 1) -> list[Received]:
        """Waits until a browser has taken so many."""
        await self.until(lambda: len(self.of(name)) >= count)
        return self.of(name)

    async def release(self, name: str) -> None:
        """What is held for it is answered."""
        async with self.news:
            self.held.discard(name)
            self.news.notify_all()

    async def receive(self, request: web.Request) -> web.Response:
        """POST to an endpoint."""
        browser = self._browsers[request.match_info["id"]]
        body = await request.read()
        async with self.news:
            self.asked[browser.name] += 1
            self.news.notify_all()
            await self.news.wait_for(lambda: browser.name not in self.held)
            if self.answers[browser.name]:
                status, headers = self.answers[browser.name].popleft()
                return web.Response(status=status, headers=headers)
            try:
                self.received.append(self._read(request, browser, body))
            except Exception as error:  # whatever it is, the test has to see it
                self.complaints.append(repr(error))
                return web.Response(status=400)
            finally:
                self.news.notify_all()
        return web.Response(status=201, headers={"Location": f"{self.url}/message/1"})

    def _read(self, request: web.Request, browser: Browser, body: bytes) -> Received:
        check_vapid(request.headers["Authorization"], self.url, browser.key)
        assert request.headers["Content-Encoding"] == "aes128gcm"
        topic = request.headers["Topic"]
        assert _TOPIC.match(topic), topic
        return Received(
            browser.name,
            browser.decrypted(body),
            topic,
            request.headers["Urgency"],
            int(request.headers["TTL"]),
            time.monotonic(),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        app = web.Application()
        app.add_routes([web.post("/push/{id}", self.receive)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_certified(self.ca))
        await site.start()
        port = runner.addresses[0][1]
        self.host = f"localhost:{port}"
        self.url = f"https://{self.host}"
        try:
            yield self
        finally:
            for name in list(self.held):
                await self.release(name)
            await runner.cleanup()


def check_vapid(header: str, origin: str, key: str) -> None:
    """Raises AssertionError, InvalidSignature unless it is signed by `key` for this push service, and for now."""
    scheme, _, rest = header.partition(" ")
    fields = dict(field.strip().split("=", 1) for field in rest.split(","))
    assert scheme == "vapid"
    assert fields["k"] == key
    signed, _, signature = fields["t"].rpartition(".")
    head, claims = (json.loads(_bytes(part)) for part in signed.split("."))
    assert head["alg"] == "ES256"
    raw = _bytes(signature)
    numbers = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(key))
    public.verify(encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert claims["aud"] == origin
    assert 0 < claims["exp"] - time.time() <= _LONGEST_S
    assert claims["sub"].startswith(("mailto:", "https:"))


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, hashlib.sha256)


def _expand(prk: bytes, info: bytes, length: int) -> bytes:
    """The first block of HKDF, which is enough here."""
    return _mac(prk, info + b"\1")[:length]


def text_of(value: bytes) -> str:
    """base64url, as all of Web Push writes bytes."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _certified(ca: Path) -> ssl.SSLContext:
    """TLS for localhost, by a certificate that is its own authority; written to `ca`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"push service {os.urandom(4).hex()}")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    ca.write_bytes(certificate.public_bytes(pem))
    with_key = ca.with_suffix(".key")
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with_key.write_bytes(private + ca.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(with_key)
    return context
