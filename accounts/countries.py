"""From which country a network is, by the operator's own GeoIP file. Without one nothing is known, nothing asked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import maxminddb
from django.conf import settings


def of(network: str) -> str:
    """The country code of a network such as 203.0.113.0/24; "" where the file, or we, do not know."""
    address = network.partition("/")[0]
    if not settings.GEOIP_FILE or not address or address == "unknown":
        return ""
    found = _file(settings.GEOIP_FILE).get(address)
    country = found.get("country") if isinstance(found, dict) else None
    return str(country.get("iso_code") or "") if isinstance(country, dict) else ""


def is_new(network: str, before: Iterable[str]) -> bool:
    """Is this network in a country where none of those before was? Not known is never new."""
    known = {country for one in before if (country := of(one))}
    here = of(network)
    return bool(here and known and here not in known)


@cache
def _file(path: str) -> maxminddb.Reader:
    return maxminddb.open_database(path)
