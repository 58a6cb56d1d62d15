"""What can be wrong with a move that is asked for: each a 422 that says it in one sentence. Pure."""

from shared.wire.problems import FieldError, Invalid


class BadMove(Invalid):
    """Root of the game's refusals. `pointer`: the field at fault (RFC 6901)."""

    pointer = "/board"

    def __init__(self, sentence: str) -> None:
        super().__init__([FieldError(self.pointer, sentence)], sentence)


class BadBoard(BadMove):
    """A board that no game of tic-tac-toe reaches, or that has no next move."""


class BadLength(BadBoard):
    """Too few or too many characters."""

    def __init__(self, length: int, expected: int) -> None:
        super().__init__(f"A board has {expected} characters, this one has {length}.")


class BadCharacter(BadBoard):
    """Something other than `X`, `O` and `.`."""

    def __init__(self, cell: int, character: str) -> None:
        super().__init__(f"Cell {cell} holds {character!a}; only X, O and . may stand on a board.")


class CountsOff(BadBoard):
    """Not as many X as O, nor one more."""

    def __init__(self, x_count: int, o_count: int) -> None:
        super().__init__(f"{x_count} X and {o_count} O cannot be: X moves first and the sides take turns.")


class BothWon(BadBoard):
    """A line of each side."""

    def __init__(self) -> None:
        super().__init__("Both X and O have a line; the game ends with the first.")


class MovedAfterWin(BadBoard):
    """A line, and a later stone of the other side."""

    def __init__(self, winner: str) -> None:
        loser = "O" if winner == "X" else "X"
        super().__init__(f"{loser} moved after {winner} had won.")


class Finished(BadBoard):
    """A possible board on which nobody is to move."""

    def __init__(self, result: str) -> None:
        how = "it is a draw" if result == "draw" else f"{result} has won"
        super().__init__(f"The game is over: {how}.")


class NotOnTurn(BadMove):
    """The player named is not the one to move."""

    pointer = "/player"

    def __init__(self, player: str) -> None:
        on_turn = "O" if player == "X" else "X"
        super().__init__(f"It is {on_turn}'s turn, not {player}'s.")
