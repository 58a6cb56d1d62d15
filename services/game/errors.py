"""What can be wrong with a move or a board: each a 422 that says it in one sentence. Pure."""

from shared.wire.problems import FieldError, Invalid


class BadMove(Invalid):
    """Root of the game's refusals. `pointer`: the field at fault (RFC 6901)."""

    pointer = "/board"

    def __init__(self, sentence: str) -> None:
        super().__init__([FieldError(self.pointer, sentence)], sentence)

    def within(self, prefix: str) -> Invalid:
        """The same refusal where the position is part of a larger body. prefix: the pointer to it."""
        return Invalid(
            [FieldError(prefix + error.pointer, error.detail) for error in self.errors], self.detail
        )


class BadVariant(BadMove):
    """Sizes that are missing, superfluous or do not fit together. field: m, n or k."""

    def __init__(self, field: str, sentence: str) -> None:
        self.pointer = f"/{field}"
        super().__init__(sentence)


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
    """X has neither as many stones as O nor one more."""

    def __init__(self, x_count: int, o_count: int) -> None:
        super().__init__(f"{x_count} X and {o_count} O cannot be: X moves first and the sides take turns.")


class BothWon(BadBoard):
    """A line of each side."""

    def __init__(self) -> None:
        super().__init__("Both X and O have a line; the game ends with the first.")


class MovedAfterWin(BadBoard):
    """A line, and a later move of the other side."""

    def __init__(self, winner: str) -> None:
        loser = "O" if winner == "X" else "X"
        super().__init__(f"{loser} moved after {winner} had won.")


class MovedOnDecided(BadBoard):
    """ultimate: play went on in a small board after it was won. board: 0-8, row by row."""

    def __init__(self, board: int) -> None:
        super().__init__(f"Small board {board} was played on after it had been won.")


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


class BadLast(BadMove):
    """A last move that is impossible, or missing where it decides what is legal."""

    pointer = "/last"


class IllegalMove(BadMove):
    """A move that the rules do not allow now. ply: how many moves were made before it."""

    pointer = "/cell"

    def __init__(self, ply: int, cell: int, sentence: str) -> None:
        super().__init__(sentence)
        self.ply, self.cell = ply, cell


class OffBoard(IllegalMove):
    """No such cell."""

    def __init__(self, ply: int, cell: int, cells: int) -> None:
        super().__init__(ply, cell, f"There is no cell {cell}: the last one is {cells - 1}.")


class Taken(IllegalMove):
    """A cell that holds a stone."""

    def __init__(self, ply: int, cell: int) -> None:
        super().__init__(ply, cell, f"Cell {cell} is taken.")


class WrongBoard(IllegalMove):
    """ultimate: a small board that the last move does not send to, or that is decided."""

    def __init__(self, ply: int, cell: int, sent: int | None) -> None:
        why = "that board is decided" if sent is None else f"the last move sends to board {sent}"
        super().__init__(ply, cell, f"Cell {cell} cannot be taken: {why}.")


class GameOver(IllegalMove):
    """A move after the end."""

    def __init__(self, ply: int, cell: int) -> None:
        super().__init__(ply, cell, f"Cell {cell} cannot be taken: the game is over.")
