"""Why a move is worth making in misère, m,n,k games and ultimate; and every reason in words. Pure."""

from services.game.classic.reasons import reason_of
from services.game.classic.rules import Position, other, place, stones
from services.game.geometry import Variant
from services.game.variants import ultimate
from services.game.variants.rules import Board, LineRules
from shared.wire.tictactoe import Reason, VariantSpec

_PLACES: tuple[Reason, ...] = (
    "corner",
    "side",
    "corner",
    "side",
    "centre",
    "side",
    "corner",
    "side",
    "corner",
)
_WORDS: dict[Reason, str] = {
    "win": "{me} wins.",
    "block": "{me} takes the cell where {you} would win.",
    "fork": "{me} threatens to win in two places.",
    "block-fork": "{me} takes the cell from which {you} would threaten to win in two places.",
    "centre": "{me} takes the centre.",
    "opposite-corner": "{me} takes the corner opposite {you}.",
    "corner": "{me} takes a corner.",
    "side": "{me} takes a cell at the side.",
    "lose": "{me} has to complete a line, and loses.",
    "trap": "{me} leaves {you} nothing but moves that complete a line.",
    "win-board": "{me} wins a small board.",
    "block-board": "{me} keeps {you} from winning a small board.",
    "force": "{me} threatens to win; {you} has one answer.",
    "build": "{me} adds to a row of its own.",
    "hinder": "{me} stands in the way of a row of {you}.",
    "open": "{me} keeps its cells open.",
}


def motive(spec: VariantSpec, board: Board, cell: int) -> Reason:
    """The first reason, in the order of the variant's list, that is true of the side to move taking `cell`."""
    if spec.variant == "classic":
        return reason_of(board.position, cell)
    if isinstance(board.rules, LineRules):
        rules = _misere if spec.variant == "misere" else _in_a_row
        return rules(board.rules.variant, board, cell)
    return _ultimate(board, cell)


def in_words(reason: Reason, board: Board) -> str:
    """The reason as a sentence."""
    return _WORDS[reason].format(me=board.turn, you=other(board.turn))


def _misere(variant: Variant, board: Board, cell: int) -> Reason:
    me, you = board.turn, other(board.turn)
    after = board.play(cell)
    if after.status == you:
        return "lose"
    if after.legal and all(after.play(reply).status == me for reply in after.legal):
        return "trap"
    if _PLACES[cell] == "corner" and stones(board.position, you) >> 8 - cell & 1:
        return "opposite-corner"
    return _PLACES[cell]


def _in_a_row(variant: Variant, board: Board, cell: int) -> Reason:
    me, you = board.turn, other(board.turn)
    mine, theirs = stones(board.position, me), stones(board.position, you)
    my_rows, their_rows = _rows(variant, mine, theirs, cell), _rows(variant, theirs, mine, cell)
    if variant.k - 1 in my_rows:
        return "win"
    if variant.k - 1 in their_rows:
        return "block"
    my_threats = _winning(variant, place(board.position, me, cell), me)
    if len(my_threats) > 1:
        return "fork"
    if len(_winning(variant, place(board.position, you, cell), you)) > 1:
        return "block-fork"
    if my_threats:
        return "force"
    if max(my_rows, default=0) > 1:
        return "build"
    if max(their_rows, default=0) > 1:
        return "hinder"
    return _where(variant, cell)


def _where(variant: Variant, cell: int) -> Reason:
    x, y = cell % variant.columns, cell // variant.columns
    edges = (x in (0, variant.columns - 1)) + (y in (0, variant.rows - 1))
    if abs(2 * x - variant.columns + 1) < 2 and abs(2 * y - variant.rows + 1) < 2:
        return "centre"
    return ("open", "side", "corner")[edges]


def _rows(variant: Variant, mine: int, theirs: int, cell: int) -> list[int]:
    """How many stones stand in each line through `cell` that the other side does not touch."""
    return [(mine & mask).bit_count() for mask in variant.masks_through[cell] if not theirs & mask]


def _winning(variant: Variant, position: Position, player: str) -> set[int]:
    """The masks of free cells that complete a line."""
    mine = position.x if player == "X" else position.o
    free = variant.full & ~(position.x | position.o)
    missing = (mask & ~mine for mask in variant.masks)
    return {cell for cell in missing if cell & free and not cell & (cell - 1)}


def _ultimate(board: Board, cell: int) -> Reason:
    me, you = board.turn, other(board.turn)
    if board.play(cell).status == me:
        return "win"
    mine, theirs = (ultimate.won_boards(place(board.position, side, cell), side) for side in (me, you))
    if ultimate.has_line(theirs):
        return "block"
    if mine != ultimate.won_boards(board.position, me):
        return "win-board"
    if theirs != ultimate.won_boards(board.position, you):
        return "block-board"
    return _PLACES[ultimate.place_of(cell)]
