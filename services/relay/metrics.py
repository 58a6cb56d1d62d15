"""What a node counts for Prometheus."""

from prometheus_client import Counter, Gauge

from shared.plumbing.telemetry.lag import Lag
from shared.plumbing.telemetry.tally import Tally

CONNECTIONS = Gauge("duet_relay_connections", "Open sockets")
MEMBERS = Gauge("duet_relay_users", "Users with a socket here")
HUB_THREADS = Gauge("duet_relay_threads", "Threads that the hub knows")
LINK_UP = Gauge("duet_relay_link_up", "1 while the link to threads stands")
LINK_BREAKS = Counter("duet_relay_link_breaks_total", "Links lost")
QUEUE_DROPS = Counter("duet_relay_queue_drops_total", "Queues of slow connections that were dropped")
FETCHES = Counter("duet_relay_fetches_total", "Pages of a log fetched", ["why"])
BATCH_ITEMS = Tally("duet_relay_batch_items", "Items in a batch", (1, 2, 4, 8, 16, 32, 64, 128, 256)).series()
_DELIVERY = Tally(
    "duet_relay_delivery_seconds",
    "here: from a send's arrival to its being written to its members' sockets on this node. hint: from an event's "
    "time by the database's clock to the sockets of another node",
    (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    ["way"],
)
DELIVERED_HERE, DELIVERED_BY_HINT = _DELIVERY.series("here"), _DELIVERY.series("hint")
REPAIRED = Counter("duet_relay_events_repaired", "Events that no hint brought: fetched from the log instead")
FEED_LAG = Lag("duet_relay_feed_lag_seconds", "Since the last beat of the heads feed was heard", 10)
REPEATED_BATCHES = Counter("duet_relay_repeated_batches_total", "Batches sent again for want of an answer")
STREAM_ENTRIES = Counter("duet_relay_stream_entries_total", "Entries read from this node's stream")
STREAM_RESETS = Counter(
    "duet_relay_stream_resets_total", "Times that the stream's ids went back or it was gone"
)
CLOSES = Counter("duet_relay_closes_total", "Sockets closed by this node", ["code"])
