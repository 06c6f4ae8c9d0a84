"""From where somebody asks: the network that limits are charged to."""

from __future__ import annotations

import pytest

from accounts.context import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2ff::7", "2001:db8:1:200::/56"),
        ("", "unknown"),
    ],
)
def test_a_network_is_no_more_than_the_neighbours_of_who_asks(address: str, network: str) -> None:
    assert network_of(address) == network
