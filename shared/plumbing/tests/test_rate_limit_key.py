"""Addresses as limits count them."""

import pytest

from shared.plumbing.limits.rate_limit_key import rate_limit_key


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_ipv6_host_counts_as_one_address(address: str, counted_as: str) -> None:
    assert rate_limit_key(address) == counted_as


def test_what_is_no_address_still_counts_as_itself() -> None:
    assert rate_limit_key("") != rate_limit_key("somewhere")
    assert len(rate_limit_key("x" * 10_000)) == 64
