"""A bounded memory."""

from shared.plumbing.remembered import Remembered


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    ids: Remembered[str, int] = Remembered(2)
    ids.put("ann", 1)
    ids.put("bob", 2)
    assert ids.get("ann") == 1
    ids.put("eve", 3)
    assert [ids.get(name) for name in ("ann", "bob", "eve")] == [1, None, 3]


def test_what_is_put_again_is_new() -> None:
    ids: Remembered[str, int] = Remembered(2)
    for name in ("ann", "bob", "ann", "eve"):
        ids.put(name, len(name))
    assert ids.get("bob") is None
    assert ids.get("ann") == 3
