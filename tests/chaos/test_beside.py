"""What strangers took of a wait: no more than the process that waited longest, and their part of what was done."""

import os

import pytest

from tests.chaos.beside import Beside


@pytest.mark.parametrize(
    ("begin", "end", "taken"),
    [(0.0, 1.0, 0.4 * 0.75), (0.5, 1.0, 0.2 * 0.75), (1.0, 2.0, 0.0), (2.0, 3.0, 0.0)],
)
def test_a_wait_is_less_by_what_strangers_took_of_it(begin: float, end: float, taken: float) -> None:
    """Two processors and two on the way. In the first second strangers have three quarters of what is done, in the
    second nobody has to wait, and in the third it is Duet alone that works."""
    beside = Beside([os.getpid()] * 2, os.getpid())
    beside._looks = [[0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 0.5, 0.4, 0.1], [2.0, 4.0, 1.0, 0.4, 0.1]]
    beside._looks += [[3.0, 6.0, 3.0, 0.9, 0.1]]
    assert beside.taken(begin, end) == pytest.approx(taken)
