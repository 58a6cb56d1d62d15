"""The benchmark runs the product in an environment of its own, which must hold what the product needs."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_PACKAGE = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def _packages(lock: str) -> set[tuple[str, str]]:
    return set(_PACKAGE.findall((_ROOT / lock).read_text()))


def test_the_benchmark_installs_what_the_product_installs() -> None:
    assert sorted(_packages("requirements.lock") - _packages("bench/requirements.lock")) == []
