"""What every body and query of a caller has in common."""

import msgspec


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller sends: an unknown field is a 422."""
