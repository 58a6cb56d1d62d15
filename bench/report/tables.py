"""The tables of docs/performance.md as Markdown."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from bench.measure.figures import Load, Round
from bench.targets.table import TARGETS

Rounds = dict[str, list[Round]]
NOT_REACHED = "over its limit"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Numbers to the right: every column but the first."""
    lines = [" | ".join(header), " | ".join(["---", *["---:"] * (len(header) - 1)])]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def headline(rounds: Rounds) -> str:
    """One row a target: what the issue asks for."""
    header = (
        "", "saturation msg/s", "p50 / p99 ms at 500/s", "server CPU ms a message at 1000/s", "… at saturation",
        "KiB an idle socket", "connects/s",
    )  # fmt: skip
    rows = []
    for target in TARGETS:
        if target.name not in rounds:
            continue
        done = rounds[target.name]
        rows.append([
            target.title,
            middle(done, saturation, "{:,.0f}"),
            f"{middle(done, lambda one: quantile(one, 500, 'p50'), '{:.2f}')} / "
            f"{middle(done, lambda one: quantile(one, 500, 'p99'), '{:.1f}')}",
            middle(done, lambda one: cpu_at(one, 1000), "{:.3f}"),
            middle(done, lambda one: one.saturation.cpu_ms_a_message() if one.saturation else None, "{:.3f}"),
            middle(done, lambda one: one.idle[-1].kib_a_socket if one.idle else None, "{:.1f}"),
            middle(done, lambda one: one.connects.a_second if one.connects else None, "{:,.0f}"),
        ])  # fmt: skip
    return markdown(header, rows)


def promises(rounds: Rounds) -> str:
    """What became of the messages: with 8 in flight a pair, and over all phases of load."""
    header = (
        "", "8 in flight: msg/s", "out of order", "repeated", "lost", "all phases: out of order", "repeated",
        "stored or sent, never delivered",
    )  # fmt: skip
    rows = []
    for target in TARGETS:
        flights = [one.in_flight for one in rounds.get(target.name, []) if one.in_flight]
        if not flights:
            continue
        loads = [load for one in rounds[target.name] for load in (*one.trials, *one.rates)]
        sent = sum(load.sent for load in flights)
        rows.append([
            target.title,
            f"{median(load.sent / load.seconds for load in flights):,.0f}",
            f"{sum(load.reordered for load in flights) / (2 * sent):.1%}",
            str(sum(load.repeated for load in flights)),
            str(sum(load.lost for load in flights)),
            f"{sum(load.reordered for load in loads):,}",
            f"{sum(load.repeated for load in loads):,}",
            f"{sum(load.lost for load in loads):,} of {sum(load.sent for load in loads):,}",
        ])  # fmt: skip
    return markdown(header, rows)


def latencies(rounds: Rounds) -> str:
    """All fixed rates: to the other person, and back to the sender."""
    header = (
        "", "msg/s", "to the other: p50", "p99", "p99.9", "max", "acknowledged: p50", "p99", "p99.9", "max",
        "generator, cores",
    )  # fmt: skip
    rows = []
    for target in TARGETS:
        for load in [load for one in rounds.get(target.name, [])[:1] for load in one.rates]:
            times = [
                f"{value:.2f}"
                for latency in (load.delivery, load.acknowledgement)
                for value in ((latency.p50, latency.p99, latency.p999, latency.max) if latency else ())
            ]
            rows.append([target.title, f"{load.rate:,.0f}", *times, f"{load.generator_cpu:.2f}"])
    return markdown(header, rows)


def programs(rounds: Rounds) -> str:
    """CPU seconds per 1,000 messages by program, at 1000/s and at saturation (the first round)."""
    rows = []
    for target in TARGETS:
        for one in rounds.get(target.name, [])[:1]:
            for name, load in (("1000/s", at_rate(one, 1000)), ("saturation", one.saturation)):
                if load is not None:
                    shares = [
                        f"{program} {seconds / load.sent * 1000:.3f}"
                        for program, seconds in load.cpu_s.items()
                        if seconds
                    ]
                    rows.append([target.title, name, ", ".join(shares)])
    return markdown(("", "at", "CPU s per 1,000 messages"), rows)


def memory(rounds: Rounds) -> str:
    """PSS before and with idle sockets."""
    rows = []
    for target in TARGETS:
        for step in [step for one in rounds.get(target.name, []) for step in one.idle]:
            server = sum(size for name, size in step.pss_bytes.items() if name not in ("postgres", "redis"))
            rows.append([
                target.title, f"{step.sockets:,}", f"{step.kib_a_socket:.1f}", f"{server / 2**20:.0f}",
                f"{step.pss_bytes.get('postgres', 0) / 2**20:.0f}", f"{step.pss_bytes.get('redis', 0) / 2**20:.0f}",
                str(step.failed),
            ])  # fmt: skip
    header = ("", "sockets", "KiB each", "server MiB", "PostgreSQL MiB", "Valkey MiB", "failed")
    return markdown(header, rows)


def noise(rounds: Rounds) -> str:
    """How far the rounds lie apart: (highest - lowest) / middle."""
    rows = []
    for target in TARGETS:
        done = rounds.get(target.name, [])
        if not done:
            continue
        rows.append([
            target.title,
            str(len(done)),
            spread(done, saturation),
            spread(done, lambda one: quantile(one, 500, "p50")),
            spread(done, lambda one: quantile(one, 500, "p99")),
            spread(done, lambda one: cpu_at(one, 1000)),
            "; ".join(remark for one in done for remark in one.remarks),
        ])  # fmt: skip
    header = ("", "rounds", "saturation", "p50 at 500/s", "p99 at 500/s", "CPU at 1000/s", "the machine")
    return markdown(header, rows)


Figure = Callable[[Round], float | None]


def saturation(one: Round) -> float | None:
    return one.saturation.rate if one.saturation else None


def at_rate(one: Round, rate: float) -> Load | None:
    """The phase at this rate, unless the target does not reach it."""
    return next((load for load in one.rates if load.rate == rate), None)


def quantile(one: Round, rate: float, name: str) -> float | None:
    """Of the delivery."""
    load = at_rate(one, rate)
    return getattr(load.delivery, name) if load and load.delivery else None


def cpu_at(one: Round, rate: float) -> float | None:
    load = at_rate(one, rate)
    return load.cpu_ms_a_message() if load else None


def middle(rounds: Sequence[Round], figure: Figure, form: str) -> str:
    """The median over the rounds that have it."""
    found = _values(rounds, figure)
    return form.format(median(found)) if found else NOT_REACHED


def spread(rounds: Sequence[Round], figure: Figure) -> str:
    found = _values(rounds, figure)
    return f"{(max(found) - min(found)) / median(found):.0%}" if len(found) > 1 else "–"


def _values(rounds: Sequence[Round], figure: Figure) -> list[float]:
    return [value for value in map(figure, rounds) if value is not None]
