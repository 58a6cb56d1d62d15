"""The judge of the benchmark itself: it must see what is lost, repeated and out of order."""

from bench.load.ledger import Arrivals, Flow, Tally


def taken(*numbers: int) -> Arrivals:
    arrivals = Arrivals()
    for number in numbers:
        arrivals.take(number)
    return arrivals


def test_messages_in_order_count_and_nothing_else() -> None:
    arrivals = taken(0, 1, 2, 3)
    assert (arrivals.count, arrivals.reordered, arrivals.repeated) == (4, 0, 0)


def test_a_message_that_comes_after_a_later_one_is_reordered() -> None:
    arrivals = taken(0, 2, 3, 1, 4)
    assert (arrivals.count, arrivals.reordered, arrivals.repeated) == (5, 1, 0)


def test_a_message_that_comes_twice_is_repeated_and_counts_once() -> None:
    arrivals = taken(0, 1, 1, 0, 2)
    assert (arrivals.count, arrivals.reordered, arrivals.repeated) == (3, 0, 2)


def test_a_reordered_message_that_comes_again_is_repeated() -> None:
    arrivals = taken(1, 0, 0)
    assert (arrivals.count, arrivals.reordered, arrivals.repeated) == (2, 1, 1)


def test_what_the_other_person_never_got_is_lost_even_if_acknowledged() -> None:
    flow = Flow()
    flow.times = [0.0, 0.1, 0.2]
    for number in range(3):
        flow.at_sender.take(number)
    flow.at_peer.take(1)
    tally = Tally()
    tally.count(flow)
    assert (tally.sent, tally.acknowledged, tally.delivered, tally.lost) == (3, 3, 1, 2)


def test_a_new_phase_goes_on_counting_so_that_no_message_has_the_number_of_another() -> None:
    flow = Flow()
    flow.times = [0.0, 0.1]
    flow.begin()
    assert flow.next_number == 2
    assert flow.at_peer.take(2)
    assert (flow.at_peer.count, flow.at_peer.reordered) == (1, 0)


def test_tallies_of_several_processes_add_up() -> None:
    one, two = Tally(sent=2, delivered=1), Tally(sent=3, delivered=3)
    one.late_ms.append(0.5)
    two.late_ms.append(1.5)
    both = one + two
    assert (both.sent, both.lost, list(both.late_ms)) == (5, 1, [0.5, 1.5])
