"""What the targets say when they cannot run."""

import pytest

from bench.targets.programs import NotInstalledError, need


def test_a_peer_of_the_distribution_that_is_missing_says_what_to_install() -> None:
    with pytest.raises(NotInstalledError, match="no-such-server is not installed: apt-get install ejabberd"):
        need("no-such-server", "no-such-program")
    need("a shell", "sh")
