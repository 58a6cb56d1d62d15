"""Every setting takes what it may be, and anything else is refused by its name."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.plumbing.settings.known import (
    _ELSEWHERE,
    KNOWN,
    OF_PROGRAMS,
    SettingError,
    _is_service_link,
    given,
    without_password,
)

_PEM, _PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
_PRIVATE = _KEY.private_bytes(_PEM, _PKCS8, serialization.NoEncryption()).decode()
_PUBLIC = _KEY.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
_OF_ANOTHER_KIND = (
    derive_private_key(1, SECP256R1()).private_bytes(_PEM, _PKCS8, serialization.NoEncryption()).decode()
)

_SECONDS = ("0.5", "3", "1e1"), ("soon", "-1", "nan", "inf", "1 s", "99999")
_PLACE = (
    ("unix:/run/a.sock", "127.0.0.1:81", "http://auth:81", "[::1]:81", "auth.lan:1"),
    ("", "auth", "auth:0", "auth:99999", "unix:", "https://auth:81", "http://auth:81/x", "http://a:b@auth:81", "a b:81",
     f"unix:/{'x' * 200}"),
)  # fmt: skip
_POSTGRES = (
    (
        "postgresql:///duet",
        "postgres://duet:secret@db:5432/duet?sslmode=require",
        "postgresql://duet@/duet?host=/run/postgres&port=5432",
        "postgresql://duet@/duet?host=/run/one,/run/two&port=5432,5433",
        "postgresql://a:1,b:2/duet",
        "postgresql://[::1]:5432/duet",
    ),
    (
        "duet",
        "mysql://db/duet",
        "http://db",
        "postgresql:/duet",
        "postgresql://db:port/duet",
        "postgresql://db:0/duet",
        "postgresql://db:99999/duet",
        "postgresql://db:/duet",
        "postgresql://d b/duet",
        "postgresql://[::1/duet",
        "postgresql://db/duet?sslmode=maybe",
        "postgresql:///duet?host=/run&port=x",
        "postgresql:///duet?host=/run,/run&port=5432,x",
    ),
)
_DIRECTORY = ("var", "/tmp", "/tmp/not/yet"), ("/dev/null", "/etc/passwd/var", "~nobody-here/var")
_CERTIFICATES = str(Path(__file__).with_name("certificates"))
_FORMS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "DATA_DIR": _DIRECTORY,
    "KEYS_DIR": _DIRECTORY,
    "LISTEN": _PLACE,
    "TLS_DIR": ((_CERTIFICATES,), ("/tmp", "/nowhere", __file__)),
    "METRICS_LISTEN": (
        ("9100", "0.0.0.0:9100", "[::1]:9100", "duet.lan:9100"),
        ("0", "65536", "metrics", "127.0.0.1", "unix:/run/metrics.sock", "http://127.0.0.1:9100", "a:b@c:9100", "٣"),
    ),
    "BACKUP": (("off", "hourly", "daily", "weekly"), ("on", "monthly", "day")),
    "BACKUP_DAYS": (("1", "14"), ("0", "-1", "many")),
    "BACKUP_WEEKS": (("0", "8"), ("-1", "521")),
    "LOG_LEVEL": (("debug", "error"), ("INFO", "verbose", "3")),
    "RATE_LIMITS": (("on", "off"), ("no", "true", "0", "On")),
    "PORT": (("1", "8000", "65535"), ("0", "65536", "99999", "-1", "http", "8 0", "80.0", "٣", "0x50")),
    "BIND": (
        ("127.0.0.1", "0.0.0.0", "::", "::1", "duet.lan", "localhost", "a_b"),  # noqa: S104
        ("[::1]", "127.0.0.1:80", "0", "127.1", "256.0.0.1", "fe80::1%eth0", "a b", "-a", "http://a", "дуэт", "a..b"),
    ),
    "PUBLIC_URL": (
        (
            "http://duet.lan",
            "http://duet.lan/",
            "https://Duet.example",
            "HTTPS://duet.example:8443",
            "http://[::1]:8000",
            "http://192.0.2.4:81",
            "http://my_host:8000",
        ),
        (
            "duet.lan",
            "//duet.lan",
            "ftp://duet.lan",
            "ws://duet.lan",
            "http:duet.lan",
            "http://",
            "http://:80",
            "http://duet.lan/chat",
            "http://duet.lan//",
            "http://duet.lan?x=1",
            "http://duet.lan?",
            "http://duet.lan/#top",
            "http://duet.lan#",
            "http://ann:secret@duet.lan",
            "http://@duet.lan",
            "http://duet.lan:0",
            "http://duet.lan:99999",
            "http://duet.lan:http",
            "http://duet.lan:",
            "http://duet lan",
            " http://duet.lan",
            "http://duet.lan\n",
            "http://[::1",
            "http://127.1",
            "http://0.0.0.0:8000",
            "http://[::]:8000",
            "http://дуэт.example",
            "http://a.example,http://b.example",
        ),
    ),
    "TRUSTED_PROXIES": (("10.0.0.0/8, 2001:db8::/32", "10.0.0.1", "10.0.0.1,"),
        ("proxy", "10.0.0.0/33", "10.0.0.1 10.0.0.2")),
    "AUTH_URL": _PLACE,
    "THREADS_URL": _PLACE,
    "GAME_URL": _PLACE,
    "MEDIA_URL": _PLACE,
    "NOTIFY_URL": _PLACE,
    "RELAY_URLS": (
        ("relay-1=unix:/a.sock", "relay-1=unix:/a.sock, relay-2=h:1", "dns:relay.duet.svc:9000", "dns:[::1]:9000"),
        ("relay-1", "unix:/a.sock", "=h:1", "a=h:1,a=h:2", "a=h:0", "a=h:1,,b=h:2", "a b=h:1",
         "dns:relay", "dns:unix:/a.sock", "dns:http://relay:9000", "dns:", "@", "@/nowhere/relays", "@/etc/hostname"),
    ),
    "DEV": (("on", "off", "true", "0"), ("yes", "2", "dev")),
    "POSTGRES_URL": _POSTGRES,
    "SHARD_URLS": (
        (_POSTGRES[0][0], " ".join(_POSTGRES[0])),
        ("duet", "mysql://db", "postgresql://db duet", "postgresql://a; b"),
    ),
    "MIGRATE": (("on", "off"), ("yes", "later")),
    "REPLICATION": (("none", "synchronous"), ("on", "asynchronous")),
    "POSTGRES_POOL": (("1", "16"), ("0", "-1", "many", "1e3")),
    "QUOTA_MB": (("0", "1024"), ("-1", "1.5", "1 GB", "all")),
    "REDIS_URL": (
        ("redis://cache", "redis://:secret@cache:6379/1", "rediss://cache/", "unix:///run/valkey.sock?db=1"),
        ("cache", "http://cache", "redis://", "redis://cache:0", "redis://cache:x", "redis://cache/one", "unix://",
         "redis://ca che", "redis:/cache"),
    ),
    "AI_PACE_S": (("0", "1.5"), _SECONDS[1]),
    "PUSH_HOSTS": (
        ("push.example", "push.example, *.push.example:8443", "localhost:8443"),
        ("*", "127.0.0.1", "Push.example", "https://push.example", "push.example:0", "*.*.example", "a b"),
    ),
    "PUSH_CONTACT": (("mailto:ann@duet.example", "https://duet.example"), ("ann@duet.example", "mailto:ann", "http://a")),
    "PUSH_CA": ((__file__,), ("/tmp", "/no/such/file")),
    "PUSH_ALLOW_PRIVATE": (("on", "off", "true", "0"), ("yes", "2")),
    "PREVIEWS": (("on", "off"), ("yes", "2")),
    "PREVIEW_PRIVATE": (
        ("127.0.0.1:8000", "127.0.0.1:1, [::1]:65535"),
        ("127.0.0.1", "localhost:80", "127.0.0.1:0", "::1"),
    ),
    "ENGINE_WORKERS": (("0", "4"), ("-1", "two", "1.5")),
    "MEDIA_FILE_MB": (("1", "25"), ("0", "2000", "25 MB")),
    "MEDIA_DAY_MB": (("1", "200"), ("0", "-1", "all")),
    "MEDIA_PERSON_MB": (("1", "2048"), ("0", "-1", "all")),
    "MEDIA_DIR": _DIRECTORY,
    "MEDIA_S3_URL": (
        ("https://key:s%2Fcret@s3.example/duet?region=eu", "http://k:s@127.0.0.1:9000/files/"),
        ("https://s3.example/duet", "https://key@s3.example/duet", "s3://k:secret@duet", "https://k:secret@h/a/b"),
    ),
    "MEDIA_WORKERS": (("1", "4"), ("0", "two")),
    "NODE": (("relay-1", "a.b_c"), ("relay 1", "-a", "a/b", "a:b", "x" * 65)),
    "HELLO_WITHIN_S": _SECONDS,
    "WELCOME_WITHIN_S": _SECONDS,
    "PING_AFTER_S": _SECONDS,
    "SILENT_AFTER_S": _SECONDS,
    "STUCK_AFTER_S": _SECONDS,
    "DRAIN_S": _SECONDS,
    "DRAIN_DELAY_S": _SECONDS,
    "RELAYS": (("1", "64"), ("0", "65", "two")),
    "SIGNING_KEY": ((_PRIVATE,), ("secret", _PUBLIC, _OF_ANOTHER_KIND)),
    "TRUSTED_KEYS": (
        (json.dumps({"gateway": _PUBLIC}),),
        ("secret", "[]", '{"gateway": 1}', '{"gateway": "secret"}'),
    ),
    "FILES_KEY": ((base64.b64encode(bytes(32)).decode(),), ("secret", base64.b64encode(bytes(16)).decode())),
    "FAILPOINTS": (("a.b=kill@2,c=sleep:0.5", "a=error"), ("a", "a=explode", "a=sleep", "a=kill@x", "a=sleep:1.2.3")),
}  # fmt: skip
_ANYTHING = {"INSTANCE", "END_WITH_PARENT"}
_GOOD = [(name, text) for name, (good, _) in _FORMS.items() for text in good]
_BAD = [(name, text) for name, (_, bad) in _FORMS.items() for text in bad if text]


@pytest.mark.parametrize(("name", "text"), _GOOD)
def test_what_a_setting_may_be_is_taken(name: str, text: str) -> None:
    given({f"DUET_{name}": text})


@pytest.mark.parametrize(("name", "text"), _BAD)
def test_what_a_setting_cannot_be_is_refused_by_name_in_one_line(name: str, text: str) -> None:
    with pytest.raises(SettingError, match=rf"\ADUET_{name} (must|holds) ") as refusal:
        given({f"DUET_{name}": text})
    assert "\n" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_every_setting_is_in_this_table() -> None:
    names = set(OF_PROGRAMS) | {name.removeprefix("DUET_") for name in _ELSEWHERE}
    assert names == set(_FORMS) | _ANYTHING


def test_a_programs_own_setting_is_held_to_the_same() -> None:
    with pytest.raises(SettingError, match="DUET_AUTH_POSTGRES_URL must begin with"):
        given({"DUET_AUTH_POSTGRES_URL": "mysql://db"})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DUET_PROT", "DUET_PORT"),
        ("DUET_PUBLICURL", "DUET_PUBLIC_URL"),
        ("DUET_PUBLIC_URI", "DUET_PUBLIC_URL"),
        ("DUET_RATE_LIMIT", "DUET_RATE_LIMITS"),
        ("DUET_DATADIR", "DUET_DATA_DIR"),
        ("duet_port", "DUET_PORT"),
        ("Duet_Redis_Url", "DUET_REDIS_URL"),
        ("DUET_RELAY", "DUET_RELAYS"),
        ("DUET_RATELIMIT", "DUET_RATE_LIMITS"),
        ("DUET_AUTH_POSTGRESS_URL", "DUET_AUTH_POSTGRES_URL"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_asked_about(typed: str, meant: str) -> None:
    with pytest.raises(SettingError, match=f"{typed} is not a setting; is {meant} meant"):
        given({typed: "1"})


def test_other_names_and_empty_values_are_nobodys_business() -> None:
    given(
        {"DUET_STANDIN_FAULTS": "x", "DUET_PORT": "", "DUET_MODEL_EXAMPLES": "3", "PORT": "x", "DUETS": "x"}
    )
    given(dict.fromkeys(("DUET_ENV", "DUET_POSTGRES_USER", "DUET_REDIS_PORT", "DUET_TEST_POSTGRES_URL"), "x"))
    assert "DUET_GATEWAY_PORT" in KNOWN


_LINKS = {
    "PORT": "tcp://10.0.0.7:80",
    "SERVICE_HOST": "10.0.0.7",
    "SERVICE_PORT": "80",
    "SERVICE_PORT_HTTP": "80",
    "PORT_8000_TCP": "tcp://[fd00::7]:8000",
    "PORT_8000_TCP_PROTO": "tcp",
    "PORT_8000_TCP_PORT": "8000",
    "PORT_8000_TCP_ADDR": "10.0.0.7",
    "PORT_53_UDP": "udp://10.0.0.7:53",
}
"""What a container has of each Service of its namespace, after the Service's name."""


@pytest.mark.parametrize(
    "service", ["", "GATEWAY_", "RELAY_", "THREADS_", "RELAY_1_", "S_", "REDIS_", "DRAIN_"]
)
def test_what_kubernetes_says_of_its_services_is_no_setting(service: str) -> None:
    assert given({f"DUET_{service}{name}": text for name, text in _LINKS.items()}) == {}


@pytest.mark.parametrize("text", ["http", "tcp://", "tcp://10.0.0.7", "http://10.0.0.7:80", "99999"])
def test_a_wrong_port_is_refused_though_services_have_ports(text: str) -> None:
    with pytest.raises(SettingError, match="DUET_GATEWAY_PORT must be a whole number"):
        given({"DUET_GATEWAY_PORT": text})


def test_no_setting_has_the_name_of_a_service_link() -> None:
    assert {name for name in KNOWN if _is_service_link(name, "80")} == set()


def test_every_setting_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for name, text in _GOOD:
        for line_end in ("", "\n", "\r\n"):
            file.write_bytes(f"{text.rstrip()}{line_end}".encode())
            assert given({f"DUET_{name}_FILE": str(file)}) == {f"DUET_{name}": text.rstrip()}


def test_what_is_wrong_in_a_file_is_refused_by_name_and_never_shown(tmp_path: Path) -> None:
    for name, text in _BAD:
        if text.endswith("\n"):  # which is right in a file
            continue
        (tmp_path / "secret").write_text(f"{text}\n")
        with pytest.raises(SettingError) as refusal:
            given({f"DUET_{name}_FILE": str(tmp_path / "secret")})
        said = str(refusal.value)
        assert said.startswith(f"DUET_{name}, in the file that DUET_{name}_FILE names, "), said
        assert ", not " not in said
        assert "\n" not in said


def test_a_file_that_cannot_be_is_refused_by_the_name_that_names_it(tmp_path: Path) -> None:
    for content in (b"", b"\n", b"\xff", b"a\0b", b"x" * 300_000):
        (tmp_path / "secret").write_bytes(content)
        with pytest.raises(SettingError, match="DUET_THREADS_POSTGRES_URL_FILE names a file that is"):
            given({"DUET_THREADS_POSTGRES_URL_FILE": str(tmp_path / "secret")})
    for path in (tmp_path, tmp_path / "nowhere", "postgresql://duet:secret@db/duet"):
        with pytest.raises(SettingError, match="DUET_REDIS_URL_FILE names a file that cannot be read") as no:
            given({"DUET_REDIS_URL_FILE": str(path)})
        assert str(path) not in str(no.value)


def test_a_setting_and_its_file_are_not_both_taken(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("81")
    with pytest.raises(SettingError, match="DUET_PORT and DUET_PORT_FILE are both set"):
        given({"DUET_PORT": "80", "DUET_PORT_FILE": str(tmp_path / "port")})
    link = {"DUET_PORT": "tcp://10.0.0.7:80", "DUET_PORT_FILE": str(tmp_path / "port")}
    assert given(link) == {"DUET_PORT": "81"}
    with pytest.raises(SettingError, match="is DUET_POSTGRES_URL_FILE meant"):
        given({"DUET_POSTGRESS_URL_FILE": "x"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://a:b@c/d", "postgresql://a:***@c/d"),
        ("postgresql://a:b:@/@c,e/d?sslmode=require", "postgresql://a:***@c,e/d?sslmode=require"),
        ("postgresql:///d?user=a&password=b%26&host=/run", "postgresql:///d?user=a&password=***&host=/run"),
        ("redis://c?Password=b", "redis://c?Password=***"),
        ("redis://:b@c/1", "redis://:***@c/1"),
        ("postgresql://a@c/d", "postgresql://a@c/d"),
        ("postgresql://a:b@c/d  postgresql://e:f g@h/i", "postgresql://a:***@c/d postgresql://e:***@h/i"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ],
)
def test_a_url_is_shown_without_its_password(text: str, shown: str) -> None:
    assert without_password(text) == shown
