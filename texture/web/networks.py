"""Addresses and networks, as a setting lists them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from texture.errors import SetupProblem

Networks = tuple[IPv4Network | IPv6Network, ...]


def networks(listed: str) -> Networks:
    """The networks of a list such as "127.0.0.0/8, ::1".

    Raises:
        SetupProblem: one of them is none.
    """
    try:
        return tuple(ip_network(one.strip()) for one in listed.split(",") if one.strip())
    except ValueError as error:
        wanted = "TEXTURE_PROXIES takes addresses and networks, such as 127.0.0.1, 10.0.0.0/8"
        raise SetupProblem(f"{wanted}: {error}") from None


def is_among(address: str, known: Networks) -> bool:
    """Whether an address, be it IPv4 in the shape of IPv6, lies in one of the networks; False for what is none."""
    peer = _parsed(address)
    return peer is not None and any(peer in network for network in known)


def customer(address: str) -> str:
    """Who is counted as one: the address, or of IPv6 the 64 bits in front, behind which one person has any number."""
    peer = _parsed(address)
    return str(IPv6Address(int(peer) >> 64 << 64)) if isinstance(peer, IPv6Address) else str(peer or address)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        peer = ip_address(address)
    except ValueError:
        return None
    return peer.ipv4_mapped or peer if isinstance(peer, IPv6Address) else peer
