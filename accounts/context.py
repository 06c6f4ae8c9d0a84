"""Who does a deed, from where: a value passed to services instead of the request."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from accounts import browser_cookie
from accounts.agents import coarse


@dataclass(frozen=True, slots=True)
class ActorContext:
    """The actor ("user:12", "claimant", "system:sweep"), the network and the coarse browser, one id per request.

    `browsers`: digests of what the browser's cookie shows, by which an account may know it again; never the cookie.
    """

    actor: str
    network: str = ""
    agent: str = ""
    request_id: str = ""
    language: str = "ja"
    browsers: tuple[str, ...] = ()


def system(name: str) -> ActorContext:
    """The context of a task or command."""
    return ActorContext(actor=f"system:{name}", network="", agent="", request_id="", language="ja")


def from_request(request: HttpRequest) -> ActorContext:
    """The context of a request. `request_id` is put on the request by the middleware."""
    user = getattr(request, "user", None)
    actor = f"user:{user.pk}" if user is not None and user.is_authenticated else "anonymous"
    return ActorContext(
        actor=actor,
        network=network_of(client_address(request)),
        agent=coarse(request.headers.get("User-Agent", "")),
        request_id=getattr(request, "request_id", ""),
        language=(translation.get_language() or "ja")[:2],
        browsers=browser_cookie.digests(request),
    )


def client_address(request: HttpRequest) -> str:
    """The peer's address; X-Forwarded-For only through as many proxies as the operator counted."""
    peer = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            peer = hops[-settings.TRUSTED_PROXIES]
    return peer


def network_of(address: str) -> str:
    """The network that limits are charged to: /24 of IPv4, /56 of IPv6, "unknown" for anything else.

    An IPv4 address in IPv6 writing (a server that listens on both) is the IPv4 one: else all of IPv4 were one network,
    and one stranger could use up everybody's limits.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 56), strict=False))
