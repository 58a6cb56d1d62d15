"""The scale tables."""

from bench.report.tables import markdown
from bench.scale.dropped import Dropped
from bench.scale.moves import Moves
from bench.scale.nodes import Nodes
from bench.scale.page import Visit
from bench.scale.stored import Stored
from bench.scale.table import saved

NOTHING = "*Not measured yet.*"


def nodes() -> str:
    measured = saved("nodes", list[Nodes]) or []
    alone = {load.rate: load.cpu_ms_a_message() for load in measured[0].loads} if measured else {}
    rows = []
    for one in measured:
        for load in one.loads:
            relays = [name for name in load.cpu_s if name.startswith("relay")]
            threads = [name for name in load.cpu_s if name.startswith("threads")]
            parts = (["gateway"], relays, threads, ["postgres"], ["redis"])
            p50, p99 = (load.delivery.p50, load.delivery.p99) if load.delivery else (0.0, 0.0)
            cpu = load.cpu_ms_a_message()
            beside = [
                f"{cpu / alone[rate]:.2f}" if one.relays > 1 and rate in alone else ""
                for rate in (load.rate, load.rate / one.relays)
            ]
            rows.append([
                f"{one.relays} relays, {one.threads} threads", f"{load.rate:,.0f}", f"{cpu:.3f}", *beside,
                *(f"{load.cpu_ms_a_message(names):.3f}" for names in parts),
                f"{p50:.2f} / {p99:.1f}", f"{sum(one.idle_cpu.values()) * 1000:.0f}",
            ])  # fmt: skip
    header = (
        "", "msg/s", "server CPU ms a message", "beside one relay with as many messages",
        "… with as many a relay", "gateway", "relays", "threads", "PostgreSQL", "Valkey",
        "p50 / p99 ms", "CPU ms a second when idle, all",
    )  # fmt: skip
    return markdown(header, rows) if rows else NOTHING


def stored() -> str:
    steps = saved("stored", list[Stored]) or []
    if not steps:
        return NOTHING
    rows = []
    for name in steps[0].calls:
        p50 = [step.calls[name].p50 for step in steps]
        rows.append([name, *(f"{value:.2f}" for value in p50), f"{p50[-1] / p50[0]:.2f}"])
    size = ["database, MiB", *(f"{step.database_bytes / 2**20:,.0f}" for step in steps), ""]
    thread = ["messages in the thread asked for", *(f"{step.in_thread:,}" for step in steps), ""]
    header = ("p50, ms", *(f"{step.messages:,} messages" for step in steps), "last / first")
    return markdown(header, [*rows, thread, size]) + f"\n\n{steps[0].accounts:,} accounts throughout."


def dropped() -> str:
    one = saved("dropped", Dropped)
    if one is None:
        return NOTHING
    cpu = ", ".join(f"{name} {seconds:.2f}" for name, seconds in one.cpu_s.items() if seconds >= 0.01)
    return markdown(
        ("sockets lost at once", "failed", "all live again after", "PostgreSQL transactions", "CPU s"),
        [[f"{one.sockets:,}", str(one.failed), f"{one.seconds:.2f} s", f"{one.transactions:,}", cpu]],
    )


def moves() -> str:
    one = saved("moves", Moves)
    if one is None or one.move is None or one.echo is None:
        return NOTHING
    return markdown(
        ("", "requests/s", "p50 ms", "p99 ms"),
        [
            [
                "AI move through the gateway",
                f"{one.move_a_second:,.0f}",
                f"{one.move.p50:.2f}",
                f"{one.move.p99:.2f}",
            ],
            [
                "bare aiohttp JSON echo",
                f"{one.echo_a_second:,.0f}",
                f"{one.echo.p50:.2f}",
                f"{one.echo.p99:.2f}",
            ],
            ["ratio", f"{one.ratio:.0%}", "", ""],
        ],
    )


def page() -> str:
    visits = saved("page", list[Visit]) or []
    rows = [
        [
            one.profile, one.visit, f"{one.bytes / 1000:.1f}", str(one.requests), f"{one.first_paint_ms:.0f}",
            f"{one.first_message_ms:.0f}", f"{one.can_write_ms:.0f}",
        ]
        for one in visits
    ]  # fmt: skip
    header = (
        "line",
        "visit",
        "kB transferred",
        "requests",
        "first paint ms",
        "first message ms",
        "can write ms",
    )
    return markdown(header, rows) if rows else NOTHING
