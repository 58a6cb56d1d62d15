"""The rules of passwords, alone."""

import pytest

from services.auth.passwords import _listed, is_common, new_password
from shared.wire.problems import Invalid


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0987654321", "password123", "Password123!", "P@ssw0rd2024", "qwertyuiop", "QWERTYUIOP1",
        "asdfghjkl;", "aaaaaaaaaa", "1212121212", "abcabcabcabc", "abcdefghij", "zyxwvutsrq", "1q2w3e4r5t",
        "qazwsxedcrfv", "iloveyou123", "welcome2024", "letmein1234", "duetduetduet", "duet123456", "Duetchat2026",
        "annabelle1", "annabelleannabelle", "ellebanna!!", "12annabelle", "!!monkey!!!!",
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_common(password: str) -> None:
    assert is_common(password, "annabelle")


@pytest.mark.parametrize(
    "password",
    [
        "violet teapot rides 9 trams", "correct horse battery staple", "s3cret-of-ann", "Tr0ub4dor&3",
        "password manager made this", "dragon-8462-feeds", "annabelle likes tea", "q8w!zp0-Lk", "αλφα βητα γάμμα",
        "0123456789" * 4, "é" * 33,
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_not(password: str) -> None:
    assert not is_common(password, "annabelle")
    assert new_password(password, "annabelle", "/password") == password


def test_a_password_is_composed() -> None:
    assert new_password("cre\u0300me bru\u0302le\u0301e", "ann", "/new") == "crème brûlée"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("x7!kl0Pqz", "at least 10 characters"),
        ("e\u0301" * 9, "at least 10 characters"),
        ("x7" * 129, "longer than 256 characters"),
        ("password123", "others would guess"),
        ("violet \ud800 teapot", "cannot be typed"),
        ("violet \x00 teapot", "cannot be typed"),
    ],
)
def test_a_refusal_says_why_and_where(typed: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        new_password(typed, "ann", "/new")
    assert refusal.value.errors[0].pointer == "/new"
    assert words in refusal.value.errors[0].detail


def test_the_list_holds_only_what_could_be_a_password_here() -> None:
    listed = _listed("common_passwords.txt")
    assert len(listed) > 2000
    assert all(len(line) >= 10 and line == line.casefold().strip() for line in listed)
