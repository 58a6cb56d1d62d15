"""The dashboard and the alerts ask for what the programs export, and the alerts go off when they should."""

import json
import pkgutil
import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

import deploy
import gateway
import services
import shared
from shared.plumbing.telemetry.lag import Lag

_HERE = Path(__file__).parents[1]
_NAME = re.compile(r"\b(?:duet|process|python)_[a-z0-9_]+")
_RECORD = re.compile(r"\bduet:[a-z0-9_:]+")
_DECLARES = re.compile(
    r"^(?:from|import) (?:prometheus_client|shared\.plumbing\.telemetry\.(?:lag|tally))", re.M
)


def declared() -> set[str]:
    """Every name that a program exports, as PromQL has it."""
    for package in (deploy, gateway, services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            file = Path(*module.name.split(".")).with_suffix(".py")
            path = Path(__file__).parents[3] / file
            if ".tests" not in module.name and path.is_file() and _DECLARES.search(path.read_text()):
                import_module(module.name)
    return set(REGISTRY._names_to_collectors)


@pytest.fixture(scope="module")
def exported() -> set[str]:
    return declared()


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    """Of both kinds."""
    groups = yaml.safe_load((_HERE / "rules.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def panels() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads((_HERE / "dashboard.json").read_text())["panels"]
    return read


def test_the_rules_ask_for_what_the_programs_export(exported: set[str], rules: list[dict[str, Any]]) -> None:
    asked = {name for rule in rules for name in _NAME.findall(rule["expr"])}
    assert len(asked) > 15
    assert sorted(asked - exported) == []


def test_the_dashboard_shows_what_is_exported_and_what_the_rules_record(
    exported: set[str], rules: list[dict[str, Any]], panels: list[dict[str, Any]]
) -> None:
    asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    assert sorted({name for text in asked for name in _NAME.findall(text)} - exported) == []
    recorded = {rule["record"] for rule in rules if "record" in rule}
    assert sorted({name for text in asked for name in _RECORD.findall(text)} - recorded) == []


def test_the_dashboard_shows_every_metric_of_ours(exported: set[str], panels: list[dict[str, Any]]) -> None:
    rules = (_HERE / "rules.yaml").read_text()
    shown = set(_NAME.findall(json.dumps(panels) + rules))
    families = {family.name for family in REGISTRY.collect() if family.name.startswith("duet_")}
    assert [name for name in sorted(families) if not any(one.startswith(name) for one in shown)] == []


def test_no_panel_lies_over_another(panels: list[dict[str, Any]]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_every_lag_has_an_alert_at_what_is_tolerable(exported: set[str], rules: list[dict[str, Any]]) -> None:
    alerts = " or ".join(rule["expr"] for rule in rules if "alert" in rule)
    lags = [lag for lag in Lag.known if lag.name in exported and lag.name.startswith("duet_")]
    assert len(lags) == 5
    for lag in lags:
        assert re.search(rf"{lag.name}\)? > {lag.tolerable_s:g}\b", alerts), lag.name


def test_every_alert_says_what_is_and_what_to_do(rules: list[dict[str, Any]]) -> None:
    alerts = [rule for rule in rules if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts)
    for rule in alerts:
        assert rule["annotations"].keys() == {"summary", "todo"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_an_alert_goes_off_when_it_should_and_not_before() -> None:
    """promtool is in Debian's package prometheus, 96 MB with a server; nobody has to have it for the other tests."""
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("promtool is not here: the rules are parsed and not tried")
    for command in (["check", "rules", "rules.yaml"], ["test", "rules", "rules.test.yaml"]):
        done = subprocess.run([promtool, *command], cwd=_HERE, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
