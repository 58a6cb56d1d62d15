"""The plots, as SVG without dates, so that the same figures make the same files."""

from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

from bench.report.tables import Rounds, cpu_at
from bench.targets.table import TARGETS

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "duet", "figure.figsize": (8, 4.5), "font.size": 10, "axes.grid": True})
_COLOURS = {
    "duet": "#0b7a53", "node": "#c47f00", "fastapi": "#1f6fb4", "socketio": "#7b4fb5",
    "channels-uvicorn": "#b03a2e", "channels-daphne": "#7f2a20", "ejabberd": "#d4519b", "prosody": "#4aa3a2",
    "echo": "#888888",
}  # fmt: skip


def draw(rounds: Rounds, directory: Path) -> None:
    """latency.svg, cpu.svg and memory.svg."""
    directory.mkdir(exist_ok=True)
    _latency(rounds, directory / "latency.svg")
    _cpu(rounds, directory / "cpu.svg")
    _memory(rounds, directory / "memory.svg")


def _latency(rounds: Rounds, path: Path) -> None:
    figure, axes = pyplot.subplots()
    for target in TARGETS:
        first = rounds.get(target.name, [])[:1]
        # One point a rate: of three phases at the same one, that which the tables show.
        loads = {load.rate: load for one in first for load in (*one.trials, *one.rates)}.values()
        points = sorted((load.sent / load.seconds, load.delivery.p99) for load in loads if load.delivery)
        if points:
            rates, times = zip(*points, strict=True)
            axes.plot(rates, times, marker=".", label=target.title, color=_COLOURS[target.name])
    axes.axhline(100, color="black", linewidth=0.8, linestyle="--")
    axes.set(xscale="log", yscale="log", xlabel="messages a second", ylabel="p99 to the other person, ms")
    _save(figure, axes, path)


def _cpu(rounds: Rounds, path: Path) -> None:
    figure, axes = pyplot.subplots()
    shown = [target for target in TARGETS if any(one.saturation for one in rounds.get(target.name, []))]
    for place, target in enumerate(shown):
        one = rounds[target.name][0]
        bars = (cpu_at(one, 1000), one.saturation.cpu_ms_a_message() if one.saturation else None)
        for offset, (value, alpha) in enumerate(zip(bars, (0.55, 1.0), strict=True)):
            if value is not None:
                axes.barh(place + 0.4 * offset, value, 0.36, color=_COLOURS[target.name], alpha=alpha)
                axes.text(value, place + 0.4 * offset, f" {value:.2f}", va="center")
    axes.set_yticks([place + 0.2 for place in range(len(shown))], [target.title for target in shown])
    axes.set(xlabel="server CPU, ms a message: at 1000/s (pale) and at saturation")
    axes.invert_yaxis()
    _save(figure, None, path)


def _memory(rounds: Rounds, path: Path) -> None:
    figure, axes = pyplot.subplots()
    shown = [(target, one.idle[-1]) for target in TARGETS for one in rounds.get(target.name, []) if one.idle]
    for place, (target, idle) in enumerate(shown):
        axes.barh(place, idle.kib_a_socket, 0.7, color=_COLOURS[target.name])
        axes.text(idle.kib_a_socket, place, f" {idle.kib_a_socket:.1f}", va="center")
    axes.set_yticks(range(len(shown)), [target.title for target, _ in shown])
    axes.set(xlabel="KiB of server memory (PSS) an idle socket")
    axes.invert_yaxis()
    _save(figure, None, path)


def _save(figure: pyplot.Figure, axes: "pyplot.Axes | None", path: Path) -> None:
    if axes is not None:
        axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
