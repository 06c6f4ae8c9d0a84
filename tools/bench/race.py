"""The portal against its rivals: interleaved rounds, medians over rounds, processor time beside clock time.

Each round visits every system in another order. Whatever else this machine does then falls on all of them; what it
does to one round falls on no median. Processor time a sign-in hardly moves with other load, so it is given too.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.load import CLIENTS, Browser, Crowd, Person, crowd, reader, sign_in
from tools.bench.systems import KINDS, PORTAL, STEPS, System, cpu_of, make_database, postmaster
from tools.postgres import database_url

#: Memory of one hash: production's, and the least that Argon2 takes, which is as good as none.
HASHING = {"off": 8, "on": 46 * 1024}
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: rounds, sign-ins and page views a round without hashing, sign-ins a round with it."""

    rounds: int
    sign_ins: int
    views: int
    hashed: int


FULL, QUICK = Size(5, 120, 150, 60), Size(3, 24, 40, 12)


def race(size: Size) -> dict[str, Any]:
    """Every system with hashing off and on. What it returns is the `race` of var/bench.json."""
    result: dict[str, Any] = {"clients": CLIENTS, "memory_kib": HASHING, "rounds": {}, "load": [os.getloadavg()[0]]}
    with database_url() as server:
        for hashing in HASHING:
            with served(server, hashing) as systems:
                if hashing == "off":
                    result["queries"] = {name: each.inside("steps", name) for name, each in systems.items()}
                result["rounds"][hashing] = rounds(systems, size, hashing, postmaster(server))
    result["load"].append(os.getloadavg()[0])
    result["medians"] = {hashing: medians(found) for hashing, found in result["rounds"].items()}
    return result


@contextmanager
def served(server: str, hashing: str) -> Iterator[dict[str, System]]:
    """All three systems running at once, each on its own empty database; ended whatever happens."""
    with ExitStack() as stack:
        systems = {}
        for name, kind in KINDS.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modoru-race-")))
            system = System(kind, folder, make_database(server, f"{name}-{hashing}"), HASHING[hashing])
            stack.callback(system.stop)
            system.start()
            systems[name] = system
        yield systems


def rounds(systems: dict[str, System], size: Size, hashing: str, database: int) -> list[dict[str, Any]]:
    """All rounds; the first, in which caches fill, is thrown away."""
    many = size.sign_ins if hashing == "off" else size.hashed
    everybody = str(many * (size.rounds + 1))
    people = {name: networked(each.inside("people", name, everybody)) for name, each in systems.items()}
    names, kept = list(systems), []
    for number in range(size.rounds + 1):
        turn = number % len(names)
        round_: dict[str, Any] = {}
        if hashing == "on":
            round_["hashes_per_second"] = systems[PORTAL.name].inside("hashes", "40")["all_cores"]
        for name in names[turn:] + names[:turn]:
            mine = people[name][number * many : (number + 1) * many]
            round_[name] = visit(systems[name], mine, size.views if hashing == "off" else 0, database)
        kept.append(round_)
    return kept[1:]


def networked(people: list[Person]) -> list[Person]:
    """Each person in a network that nobody else has, so that no limit by network is met."""
    return [{**one, "network": f"10.{index >> 8}.{index & 255}.9"} for index, one in enumerate(people)]


def visit(system: System, people: list[Person], views: int, database: int) -> dict[str, Any]:
    """One round at one system: everybody signs in, then the security page and the sign-in page are read."""

    def stored() -> float:
        return cpu_of(database)

    signed = crowd(system, lambda person: sign_in(system.kind, system.port, person), people, stored)
    found: dict[str, Any] = {"sign_in": figures(signed, [sum(spent.values()) for _, spent in signed.found])}
    for step in STEPS:
        found[f"{step}_ms"] = milliseconds([spent[step] for _, spent in signed.found])
    if views:
        own = [browser for browser, _ in signed.found[:CLIENTS]]
        strangers = [Browser(system.port, f"10.200.{index}.9") for index in range(CLIENTS)]
        for name, browsers, path in (
            ("security", own, system.kind.security),
            ("open_page", strangers, system.kind.open_page),
        ):
            read = crowd(system, reader(browsers, path), range(views), stored)
            found[name] = figures(read, read.found)
    return found


def figures(one: Crowd, spent: list[float]) -> dict[str, float]:
    many = len(one.found)
    return {
        "per_second": round(many / one.seconds, 2),
        "ms": milliseconds(spent),
        "server_cpu_ms": round(one.server_cpu / many * 1000, 2),
        "database_cpu_ms": round(one.database_cpu / many * 1000, 2),
    }


def milliseconds(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)


def medians(found: list[dict[str, Any]]) -> dict[str, dict[str, list[float]]]:
    """Median, least and most of every figure over the rounds, by system."""
    told: dict[str, dict[str, list[float]]] = {}
    for name in KINDS:
        flat = [dict(flattened(each[name])) for each in found]
        told[name] = {figure: spread([each[figure] for each in flat]) for figure in flat[0]}
    if "hashes_per_second" in found[0]:
        told["hashes"] = {"per_second": spread([each["hashes_per_second"] for each in found])}
    return told


def flattened(figures: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", number) for inner, number in value.items())
        else:
            yield name, value


def spread(values: list[float]) -> list[float]:
    return [round(statistics.median(values), 2), min(values), max(values)]
