"""What traces cost: Duet without any, and with those of some of the messages, side by side as in `bench.pace`.

By hand: `python -m bench.scale.traces`. The figures are in docs/decisions/0036-traces.md.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from aiohttp import web

from bench.measure.abreast import abreast, loaded
from bench.measure.turns import turns
from bench.report.pace import Loads, ratios, table
from bench.run import describe
from bench.targets.duet import duet
from shared.testing.product import REPOSITORY, free_port

_RATES = (200.0, 1000.0)
_OF_ALL = ("0.01", "0.1", "1")
_ROUNDS, _SECONDS, _PAIRS = 5, 3.0, 100
_WARM_UP_RATE, _WARM_UP_S = 500.0, 2.0


def main() -> None:
    """Prints the tables of `bench.pace`."""
    with _collector() as url:
        starts = {"without": duet} | {
            f"{of_all} of all": partial(duet, _told(url, of_all)) for of_all in _OF_ALL
        }
        with abreast(starts, _PAIRS, urgent=False) as stages:
            for stage in stages.values():
                loaded(stage, _WARM_UP_RATE, _WARM_UP_S, seed=1)
            loads: Loads = {name: {rate: [] for rate in _RATES} for name in stages}
            for number, rate, name in turns({rate: [*stages] for rate in _RATES}, _ROUNDS):
                load = loaded(stages[name], rate, _SECONDS, seed=number + 2)
                loads[name][rate].append(load)
                print(f"round {number + 1}, {name} at {rate:,.0f}/s: {describe(load)}", file=sys.stderr)
    print(table(loads), ratios(loads), sep="\n\n")


def _told(url: str, of_all: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": url,
        "OTEL_TRACES_SAMPLER": "traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": of_all,
    }


@contextmanager
def _collector() -> Iterator[str]:
    """One that throws away what it gets, in a process of its own; its URL."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.scale.traces", str(port)], cwd=REPOSITORY)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def _take(request: web.Request) -> web.Response:
    await request.read()
    return web.Response()


def _collect(port: int) -> None:
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.add_routes([web.post("/v1/traces", _take)])
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    if sys.argv[1:]:
        _collect(int(sys.argv[1]))
    else:
        main()
