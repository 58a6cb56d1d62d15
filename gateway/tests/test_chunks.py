"""Chunks: what a page loads later is run once, and shares the page's modules. Node runs what the bundler makes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.bundle_plan import BundleError
from gateway.bundler import bundled

_NODE = Path(sys.executable).with_name("node")
_TOLD = 'export const told = [];\ntold.push("told");\n'


def ran(files: dict[str, str], tmp_path: Path) -> list[str]:
    """What the modules of `p/start.js` and its chunks told, in this order."""
    texts = bundled(files | {"told.js": _TOLD})
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run = subprocess.run([_NODE, tmp_path / "p/start.js"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told: list[str] = json.loads(run.stdout)
    return told


def chunks(files: dict[str, str]) -> dict[str, str]:
    """By the module that each is for."""
    made = bundled(files)
    return {name.split("/")[-1].split("-")[0]: text for name, text in made.items() if "/chunks/" in name}


def test_a_chunk_and_the_page_share_one_state_also_where_each_needs_the_other(tmp_path: Path) -> None:
    files = {
        "p/start.js": 'import { open } from "../page.js";\nopen();\n',
        "page.js": 'import { told } from "./told.js";\n'
        "export const seen = { times: 0 };\n"
        "export async function open() {\n"
        "  seen.times += 1;\n"
        '  const [one, again] = await Promise.all([import("./late.js"), import("./late.js")]);\n'
        "  one.count();\n"
        "  again.count();\n"
        "  console.log(JSON.stringify([...told, String(one === again)]));\n"
        "}\n",
        "late.js": 'import { seen } from "./page.js";\nimport { told } from "./told.js";\n'
        'told.push("late");\n'
        "export function count() {\n  seen.times += 1;\n  told.push(String(seen.times));\n}\n",
    }
    assert ran(files, tmp_path) == ["told", "late", "2", "3", "true"]


def test_chunks_load_each_other_and_what_two_of_them_need_is_the_pages(tmp_path: Path) -> None:
    late = 'import { shared } from "./shared.js";\nimport { told } from "./told.js";\n'
    files = {
        "p/start.js": 'import { told } from "../told.js";\n'
        "const { one } = await_one();\n"
        "function await_one() {\n"
        '  return { one: import("../one.js") };\n'
        "}\n"
        "one.then((made) => made.go()).then(() => console.log(JSON.stringify(told)));\n",
        "one.js": late
        + 'export const go = async () => (await import("./two.js")).go(told.push("one" + shared));\n',
        "two.js": late
        + 'export const go = async () => (await import("./one.js")) && told.push("two" + shared);\n',
        "shared.js": 'import { told } from "./told.js";\ntold.push("shared");\nexport const shared = "!";\n',
    }
    assert ran(files, tmp_path) == ["told", "shared", "one!", "two!"]
    assert not [text for text in chunks(files | {"told.js": _TOLD}).values() if 'told.push("shared")' in text]


def test_what_the_page_has_anyway_is_no_chunk(tmp_path: Path) -> None:
    files = {
        "p/start.js": 'import { a } from "../a.js";\n'
        'import("../a.js").then((later) => console.log(JSON.stringify([String(later.a === a)])));\n',
        "a.js": "export const a = {};\n",
    }
    assert chunks(files) == {}
    assert ran(files, tmp_path) == ["true"]


def test_a_chunk_is_named_by_what_is_in_it() -> None:
    files = {
        "p/start.js": 'export const go = () => import("../late.js");\n',
        "late.js": "export const a = 1;\n",
    }
    names = [sorted(bundled(files | {"late.js": f"export const a = {a};\n"})) for a in (1, 1, 2)]
    assert names[0] == names[1] != names[2]


def test_a_page_asks_under_another_address_once_a_chunk_has_failed() -> None:
    """A browser may remember the failure for as long as the page lives."""
    files = {
        "p/start.js": 'export const go = () => import("../late.js");\n',
        "late.js": "export const a = 1;\n",
    }
    page = bundled(files)["p/start.js"]
    assert 'load_chunk("late.js")' in page
    assert "?${failures}" in page


@pytest.mark.parametrize(
    ("late", "says"),
    [
        ({}, "p/start.js imports late.js, which does not exist"),
        ({"late.js": 'import { a } from "./gone.js";\n'}, "late.js imports gone.js, which does not exist"),
        ({"late.js": 'import { go } from "./p/start.js";\n'}, "p/start.js needs itself"),
        (
            {"late.js": 'import { a } from "./a.js";\n', "a.js": 'import { b } from "./late.js";\n'},
            "a.js imports late.js, which needs it",
        ),
        ({"late.js": 'import { b } from "./b.js";\n', "b.js": ""}, "late.js: b.js exports no b"),
    ],
)
def test_what_cannot_be_linked_stops_the_start_and_is_named(late: dict[str, str], says: str) -> None:
    files = {"p/start.js": 'export const go = () => import("../late.js");\n', **late}
    with pytest.raises(BundleError, match=says.replace(".", r"\.")):
        bundled(files)
