"""What a node counts for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

CONNECTIONS = Gauge("duet_relay_connections", "Open sockets")
MEMBERS = Gauge("duet_relay_users", "Users with a socket here")
HUB_THREADS = Gauge("duet_relay_threads", "Threads that the hub knows")
LINK_UP = Gauge("duet_relay_link_up", "1 while the link to threads stands")
LINK_BREAKS = Counter("duet_relay_link_breaks_total", "Links lost")
QUEUE_DROPS = Counter("duet_relay_queue_drops_total", "Queues of slow connections that were dropped")
FETCHES = Counter("duet_relay_fetches_total", "Pages of a log fetched", ["why"])
BATCH_ITEMS = Histogram(
    "duet_relay_batch_items", "Items in a batch", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
REPEATED_BATCHES = Counter("duet_relay_repeated_batches_total", "Batches sent again for want of an answer")
STREAM_ENTRIES = Counter("duet_relay_stream_entries_total", "Entries read from this node's stream")
STREAM_RESETS = Counter(
    "duet_relay_stream_resets_total", "Times that the stream's ids went back or it was gone"
)
CLOSES = Counter("duet_relay_closes_total", "Sockets closed by this node", ["code"])
