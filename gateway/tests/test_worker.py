"""The service worker's script and the page that it keeps."""

import json
import re

from gateway.keys import STATIC
from gateway.tests.conftest import Gateway
from gateway.tests.fakes import Somebody
from gateway.worker import WORKER, Worker, make


async def test_the_worker_has_a_policy_of_its_own_and_is_asked_for_again(gateway: Gateway) -> None:
    answer = await gateway.call("GET", "/sw.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert policy == ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "img-src 'self'"]
    again = await gateway.call("GET", "/sw.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


async def test_pages_may_make_one_kind_of_trusted_address_and_no_more(gateway: Gateway) -> None:
    policy = (await gateway.call("GET", "/login")).headers["Content-Security-Policy"]
    assert "trusted-types duet-worker" in policy.split("; ")
    assert "worker-src 'self'" in policy.split("; ")


async def test_everything_that_the_worker_keeps_is_there_and_holds_nobodys_data(
    gateway: Gateway, ann: Somebody
) -> None:
    script = (await gateway.call("GET", "/sw.js", headers=gateway.cookie(ann))).body.decode()
    found = re.match(r"const DUET = (.*);\n", script)
    assert found
    knows = json.loads(found[1])
    for address in (knows["shell"], knows["icon"], knows["badge"], *knows["files"]):
        assert (await gateway.call("GET", address)).status == 200, address
    names = {address.rpartition("/")[2].partition("-")[0] for address in knows["files"]}
    assert {"chat.js", "chat.css"} <= names
    assert {"later.css", "viewer", "played", "finder"} <= names, "a start without a network opens everything"
    shell = await gateway.call("GET", knows["shell"], headers=gateway.cookie(ann))
    assert shell.body == (await gateway.call("GET", knows["shell"])).body
    assert b"data-me" not in shell.body
    assert "script-src 'self'" in shell.headers["Content-Security-Policy"]


async def test_another_versions_page_is_not_there(gateway: Gateway) -> None:
    assert (await gateway.call("GET", "/shell/0123456789ab")).status == 404


async def test_a_changed_page_makes_another_version(gateway: Gateway) -> None:
    before = gateway.app[WORKER].get().version
    files = gateway.app[STATIC]
    assert make(gateway.app).version == before
    files.hash = "0" * 12
    assert make(gateway.app).version != before
    assert Worker(lambda: make(gateway.app), keep=True).get().version != before
