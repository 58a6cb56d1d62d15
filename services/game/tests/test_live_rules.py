"""Draws, takebacks and clocks: pure, with a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.game.live import rules
from services.game.live.clock import left_ms
from services.game.live.state import due_at, waits_for
from shared.wire.games import (
    Accept,
    Answer,
    ClockSetting,
    Draw,
    Game,
    GameCommand,
    Move,
    OfferGame,
    Resign,
    Score,
    Takeback,
    Withdraw,
)
from shared.wire.problems import NotNow, Problem

ID = UUID(int=1)
START = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Played:
    """A game between ann (X) and bob (O). pass_s: seconds go by."""

    def __init__(self, *cells: int, **asked: Any) -> None:
        self.now = START
        offer = OfferGame(client_id=ID, **asked)
        self.game = rules.offered(
            ID, "ann", "bob", offer, swap=False, now=self.now, score=Score({"ann": 0, "bob": 0}, 0)
        )
        if self.game.phase == "offered":
            self.does("bob", Accept(client_id=ID))
        self.moves(*cells)

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def does(self, who: str, command: GameCommand) -> Game:
        self.game = rules.act(self.game, who, command, self.now)
        return self.game

    def moves(self, *cells: int) -> Game:
        for cell in cells:
            who = ("ann", "bob")[len(self.game.moves) % 2]
            self.does(who, Move(client_id=ID, ply=len(self.game.moves), cell=cell))
        return self.game

    def draw(self, who: str, answer: Answer) -> Game:
        return self.does(who, Draw(client_id=ID, answer=answer))

    def takeback(self, who: str, answer: Answer) -> Game:
        return self.does(who, Takeback(client_id=ID, answer=answer))


def pointer(refused: pytest.ExceptionInfo[NotNow]) -> str:
    return refused.value.errors[0].pointer


def test_a_draw_is_agreed_by_the_other_side_only() -> None:
    played = Played(4)
    assert (played.draw("ann", "offer").draw, waits_for(played.game)) == ("X", {"bob"})
    with pytest.raises(NotNow) as refused:
        played.draw("ann", "accept")
    assert pointer(refused) == "/answer"
    over = played.draw("bob", "accept")
    assert (over.phase, over.status, over.ending, over.turn, over.draw) == (
        "finished",
        "draw",
        "agreed",
        None,
        None,
    )


def test_two_who_offer_a_draw_have_agreed() -> None:
    played = Played(4)
    played.draw("bob", "offer")
    assert played.draw("ann", "offer").ending == "agreed"


@pytest.mark.parametrize(("who", "answer"), [("bob", "decline"), ("ann", "withdraw")])
def test_a_draw_offer_goes_when_it_is_declined_or_withdrawn(who: str, answer: Answer) -> None:
    played = Played(4)
    played.draw("ann", "offer")
    assert (played.draw(who, answer).draw, played.game.phase) == (None, "playing")
    for wrong in ("accept", "decline"):
        with pytest.raises(NotNow):
            played.draw("bob", wrong)


def test_a_draw_offer_outlives_ones_own_move_but_not_the_others() -> None:
    played = Played()
    played.draw("ann", "offer")
    assert played.moves(4).draw == "X"
    assert played.moves(0).draw is None


@pytest.mark.parametrize(
    ("cells", "who", "left"), [((4, 0), "ann", ()), ((4, 0), "bob", (4,)), ((4,), "ann", ())]
)
def test_a_takeback_undoes_the_askers_last_move_and_the_reply(
    cells: tuple[int, ...], who: str, left: tuple[int, ...]
) -> None:
    played = Played(*cells)
    other = "bob" if who == "ann" else "ann"
    played.takeback(who, "offer")
    assert other in waits_for(played.game)
    game = played.takeback(other, "accept")
    assert (tuple(game.moves), game.turn, game.takeback) == (left, "X" if who == "ann" else "O", None)
    assert waits_for(game) == {who}


def test_a_move_ends_the_request_to_take_back() -> None:
    played = Played(4)
    played.takeback("ann", "offer")
    assert played.moves(0).takeback is None
    with pytest.raises(NotNow):
        played.takeback("bob", "accept")


def test_takebacks_can_be_switched_off_and_need_a_move() -> None:
    for played, who in ((Played(4, takebacks=False), "ann"), (Played(4), "bob"), (Played(), "ann")):
        with pytest.raises(NotNow):
            played.takeback(who, "offer")


def test_one_request_to_take_back_stands_at_a_time() -> None:
    played = Played(4, 0)
    played.takeback("ann", "offer")
    for who in ("ann", "bob"):
        with pytest.raises(NotNow):
            played.takeback(who, "offer")
    played.takeback("bob", "decline")
    played.takeback("bob", "offer")
    assert played.takeback("bob", "withdraw").takeback is None


def test_the_ai_agrees_to_take_back_and_to_no_draw() -> None:
    played = Played(4, x="me", o="hard")
    game = rules.place(played.game, 0, None, played.now)
    assert (game.by, game.moves) == (None, [4, 0])
    assert rules.act(game, "ann", Takeback(client_id=ID, answer="offer"), START).moves == []
    with pytest.raises(NotNow):
        rules.act(game, "ann", Draw(client_id=ID, answer="offer"), START)


def test_nobody_resigns_or_leaves_a_game_of_others() -> None:
    against_ai = Played(4, x="me", o="hard")
    for command in (Resign(client_id=ID), Withdraw(client_id=ID), Move(client_id=ID, ply=1, cell=0)):
        with pytest.raises(NotNow):
            against_ai.does("bob", command)
    assert against_ai.does("ann", Resign(client_id=ID)).status == "O"


def test_a_game_is_left_without_a_result_before_the_first_move_only() -> None:
    assert Played().does("bob", Withdraw(client_id=ID)).phase == "withdrawn"
    with pytest.raises(NotNow):
        Played(4).does("bob", Withdraw(client_id=ID))


def test_after_the_end_nothing_is_taken() -> None:
    played = Played(4, 0, 2, 1, 6)
    assert played.game.status == "X"
    commands: list[GameCommand] = [
        Accept(client_id=ID),
        Withdraw(client_id=ID),
        Move(client_id=ID, ply=5, cell=8),
        Resign(client_id=ID),
        Draw(client_id=ID, answer="offer"),
        Takeback(client_id=ID, answer="offer"),
    ]
    for command in commands:
        with pytest.raises(Problem) as refused:
            played.does("bob", command)
        assert refused.value.kind.code == "not-now"


def test_no_clock_runs_before_the_first_move_and_each_runs_on_its_turn() -> None:
    played = Played(clock=ClockSetting(initial_s=60, increment_s=2))
    played.pass_s(1000)
    game = played.moves(4)
    assert game.clock is not None
    assert (game.clock.x_ms, game.clock.o_ms, game.clock.running) == (60_000, 60_000, "O")
    played.pass_s(10)
    game = played.moves(0)
    assert game.clock is not None
    assert (game.clock.x_ms, game.clock.o_ms, game.clock.running) == (60_000, 52_000, "X")
    played.pass_s(5)
    assert left_ms(game.clock, "X", played.now) == 55_000


def test_a_flag_falls_when_the_time_is_over_and_not_before() -> None:
    played = Played(4, clock=ClockSetting(initial_s=60))
    assert due_at(played.game, timedelta()) == START + timedelta(seconds=60)
    assert rules.flag_fallen(played.game, START + timedelta(milliseconds=59_999)) is None
    fallen = rules.flag_fallen(played.game, START + timedelta(seconds=60))
    assert fallen is not None
    assert (fallen.what, fallen.by, fallen.status, fallen.ending) == ("flag-fell", None, "X", "clock")
    assert fallen.clock is not None
    assert (fallen.clock.o_ms, fallen.clock.running) == (0, None)


def test_a_takeback_gives_no_time_back() -> None:
    played = Played(4, clock=ClockSetting(initial_s=60))
    played.pass_s(20)
    played.takeback("ann", "offer")
    played.pass_s(10)
    played.takeback("bob", "accept")
    assert played.game.clock is not None
    assert (played.game.clock.o_ms, played.game.clock.running, played.game.turn) == (30_000, None, "X")
