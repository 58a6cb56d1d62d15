"""What redis-py and our own connection raise, and how it is said."""

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from shared.plumbing.redis.cluster import PrimaryAway
from shared.plumbing.redis.faults import NotHeard, fault_of


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            ResponseError("WRONGPASS invalid username-password pair or user is disabled."),
            "password",
            "WRONGPASS",
        ),
        (ResponseError("NOAUTH Authentication required."), "password", "NOAUTH"),
        (ResponseError("NOPERM User a has no permissions to run the 'xadd' command"), "permission", "NOPERM"),
        (ResponseError("READONLY You can't write against a read only replica."), "replica", "READONLY"),
        (ResponseError("MISCONF Valkey is configured to save RDB snapshots, but"), "disk", "MISCONF"),
        (ResponseError("OOM command not allowed when used memory > 'maxmemory'."), "memory", "OOM"),
        (ResponseError("LOADING Valkey is loading the dataset in memory"), "loading", "LOADING"),
        (ResponseError("MOVED 3999 127.0.0.1:6381"), "cluster", "MOVED"),
        (ResponseError("CLUSTERDOWN Hash slot not served"), "cluster", "CLUSTERDOWN"),
        (ResponseError("ERR max number of clients reached"), "clients", "maxclients"),
        (ResponseError("ERR DB index is out of range"), "database", "no database"),
        (ResponseError("ERR unknown command 'XADD'"), "refused", "(ERR unknown command)"),
        (FileNotFoundError(2, "No such file or directory"), "away", "nobody listens"),
        (ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 1)"), "away", "nobody listens"),
        (OSError(-2, "Name or service not known"), "name", "leads nowhere"),
        (RedisConnectionError("the connection was lost: closed"), "away", "was lost"),
        (TimeoutError(), "slow", "in time"),
        (PrimaryAway("the connection was lost: closed"), "cluster", "a primary of the Redis cluster is away"),
        (NotHeard(), "deaf", "does not arrive here"),
    ],
)
def test_a_fault_has_a_kind_and_a_sentence(error: Exception, kind: str, said: str) -> None:
    fault = fault_of(error)
    assert fault.kind == kind
    assert said in fault.sentence
