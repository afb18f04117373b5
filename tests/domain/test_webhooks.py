"""Which addresses messages may go to."""

from __future__ import annotations

import pytest

from scheduler.domain.ground.errors import DomainError
from scheduler.domain.ground.webhooks import checked_url, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "fd00:ec2::254",
        "100.64.0.1",
        "10.1.2.3",
        "0.0.0.0",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "192.0.0.192",
        "224.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "fe80::1%eth0",
        "fc00::1",
        "255.255.255.255",
        "2002:a00:1::",
        "64:ff9b::a00:1",
        "ff02::1",
        "::",
    ],
)
def test_x10_addresses_that_are_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, reserved and multicast addresses, and those of version 6 that lead to such."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::5db8:d822"])
def test_public_addresses(address: str) -> None:
    """The rest of the internet."""
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://a.example/",
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example",
            "https://u:p@a.example/",
            "https://u@a.example/",
        ),
        *("https://a.example:22/", "https://a.example:25/", "https://a.example:5432/", "https://a.example:99999/", "https://", "a.example"),
        *("https://a.example/#x", "https://a.example/ x", "https://a.example/\n", "//a.example/", "https://[::1/"),
    ],
)
def test_x12_addresses_that_are_not_allowed(url: str) -> None:
    """Other schemes, credentials, other ports, and what is no address."""
    with pytest.raises(DomainError) as refused:
        checked_url(url, allow_private=False)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/url", "url.not_allowed")]


def test_addresses_that_are_allowed() -> None:
    """Https on 443 and 8443; in one's own network whatever http there is."""
    for url in ("https://a.example/x?y=1", "https://a.example:8443/"):
        assert checked_url(url, allow_private=False) == url
    assert checked_url("http://receiver:9000/", allow_private=True)
