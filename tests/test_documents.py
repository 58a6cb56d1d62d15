"""The documents name things that exist: files, addresses, frames, codes, settings."""

import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from deploy.documents import SERVICES
from gateway.contract import ROUTES
from shared.plumbing.settings.config import variable
from shared.wire.frames import ClientFrame, Close, ServerFrame
from shared.wire.problems import KINDS

_ROOT = Path(__file__).parents[1]
_DOCUMENTS = sorted([*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md")])
_PARTS = ("bench", "deploy", "docs", "gateway", "services", "shared", "tests")
_FILES = [
    str(path.relative_to(_ROOT)) for part in _PARTS for path in (_ROOT / part).rglob("*") if path.is_file()
]
_LINK = re.compile(r"\]\(([^)#\s]+)")
_FILE = re.compile(r"`(\w[\w./-]*\.(?:py|js|md|sql|c|html|css|json|wasm))`")


def _named(path: Path) -> str:
    return str(path.relative_to(_ROOT))


@pytest.mark.parametrize("document", _DOCUMENTS, ids=_named)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = [link for link in _LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", _DOCUMENTS, ids=_named)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    """Written from the root, or from the directory that the text is about."""
    known = {f"/{file}" for file in _FILES}
    named = set(_FILE.findall(document.read_text()))
    assert [name for name in sorted(named) if not any(file.endswith(f"/{name}") for file in known)] == []


def test_the_contract_in_prose_names_every_route_problem_frame_and_close_code() -> None:
    text = (_ROOT / "docs" / "protocol.md").read_text()
    wanted = [f"{route.method} {route.path}" for route in ROUTES]
    wanted += [f"`{code}`" for code in KINDS]
    wanted += [f'"type":"{kind.__struct_config__.tag}"' for kind in get_args(ClientFrame | ServerFrame)]
    wanted += [str(code) for name, code in vars(Close).items() if name.isupper()]
    assert [each for each in wanted if each not in text] == []


@pytest.mark.parametrize("program", ["gateway", *(f"services.{name}" for name in SERVICES)])
def test_the_page_of_settings_names_every_setting(program: str) -> None:
    text = (_ROOT / "docs" / "settings.md").read_text()
    module = import_module(f"{program}.config")
    config = module.GatewayConfig if program == "gateway" else module.Config
    names = [variable(field.name) for field in msgspec.structs.fields(config)]
    assert [name for name in names if f"`{name}`" not in text] == []
