"""Which relay node a user goes to."""

from gateway.nodes import Nodes
from shared.plumbing.transport.address import Address

PEOPLE = [f"user{number}" for number in range(2000)]


def nodes(count: int) -> Nodes:
    return Nodes({f"relay-{number}": Address(path=f"/{number}") for number in range(count)})


def test_users_are_spread_evenly() -> None:
    spread = nodes(4)
    homes = [spread.order_for(person)[0] for person in PEOPLE]
    assert all(400 < homes.count(node) < 600 for node in spread.addresses)


def test_a_new_node_takes_only_its_share() -> None:
    before, after = nodes(4), nodes(5)
    moved = [person for person in PEOPLE if before.order_for(person)[0] != after.order_for(person)[0]]
    assert 300 < len(moved) < 500
    assert {after.order_for(person)[0] for person in moved} == {"relay-4"}


def test_only_the_users_of_a_node_that_is_down_move() -> None:
    spread = nodes(4)
    homes = {person: spread.order_for(person)[0] for person in PEOPLE}
    spread.mark_down("relay-2")
    for person, home in homes.items():
        now = spread.order_for(person)
        assert (now[0] == home) == (home != "relay-2")
        assert now[-1] == "relay-2"
    assert spread.up == ["relay-0", "relay-1", "relay-3"]


def test_with_every_node_down_all_are_still_tried() -> None:
    spread = nodes(2)
    spread.mark_down("relay-0")
    spread.mark_down("relay-1")
    assert len(spread.order_for("ann")) == 2
