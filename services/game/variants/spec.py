"""Which sizes a variant may have. Pure."""

from msgspec import UNSET

from services.game.errors import BadVariant
from services.game.geometry import CLASSIC, Variant
from shared.wire.tictactoe import VariantSpec

MISERE = Variant(misere=True)
_SIZES = ("m", "n", "k")


def check(spec: VariantSpec) -> None:
    """Raises BadVariant, which names the field: sizes are for `mnk`, all three, and a line must fit."""
    for field in _SIZES:
        if spec.variant == "mnk" and getattr(spec, field) is UNSET:
            raise BadVariant(field, f"mnk needs {field}.")
        if spec.variant != "mnk" and getattr(spec, field) is not UNSET:
            raise BadVariant(field, f"{field} is for mnk only.")
    if isinstance(spec.m, int) and isinstance(spec.n, int) and isinstance(spec.k, int):
        longest = max(spec.m, spec.n)
        if spec.k > longest:
            raise BadVariant("k", f"{spec.k} in a row do not fit: the longest row has {longest} cells.")


def variant_of(spec: VariantSpec) -> Variant:
    """The geometry of any variant but `ultimate`. Raises BadVariant."""
    check(spec)
    if isinstance(spec.m, int) and isinstance(spec.n, int) and isinstance(spec.k, int):
        return Variant(spec.m, spec.n, spec.k)
    return MISERE if spec.variant == "misere" else CLASSIC
