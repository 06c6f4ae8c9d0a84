"""The table that `make bench` prints."""

from __future__ import annotations

from typing import Any

from tools.bench.race import CORES
from tools.bench.systems import ALLAUTH, PORTAL, STEPS, TWO_FACTOR

NAMES = (PORTAL.name, TWO_FACTOR.name, ALLAUTH.name)
RIVALS = NAMES[1:]


def table(result: dict[str, Any]) -> str:
    lines = []
    if "doors" in result:
        lines += doors(result["doors"])
    if "pages" in result:
        lines += pages(result)
    if "race" in result:
        lines += race(result["race"])
    lines.append("\nload of this machine: {:.1f} before, {:.1f} after, on {} cores".format(*result["load"], CORES))
    return "\n".join(lines)


def doors(found: list[dict[str, Any]]) -> list[str]:
    lines = [f"{'door':<40}{'known':>10}{'unknown':>10}{'apart':>8}{'noise':>8}"]
    for one in found:
        times = f"{one['known_ms']:>7.1f} ms{one['unknown_ms']:>7.1f} ms"
        lines.append(f"{one['door']:<40}{times}{one['apart']:>8.1%}{one['noise']:>8.1%}")
    return lines


def pages(result: dict[str, Any]) -> list[str]:
    hashed, signed = result["hashes"], result["sign_in"]
    lines = [
        f"\nsign-in alone: password {signed['password_ms']:.1f} ms, code {signed['code_ms']:.1f} ms",
        f"passwords checked: {hashed['one_at_a_time']}/s one at a time, {hashed['all_cores']}/s on all cores",
        f"\n{'page':<40}{'time':>10}{'queries':>10}{'writes':>8}",
    ]
    for one in result["pages"]:
        lines.append(f"{one['page']:<40}{one['ms']:>7.1f} ms{one['queries']:>10}{one['writes']:>8}")
    return lines


def race(found: dict[str, Any]) -> list[str]:
    """Each figure as median (least–most) for the three systems, and the portal against the better rival."""
    off, on = found["medians"]["off"], found["medians"]["on"]
    lines = ["", f"{'hashing off':<34}" + "".join(f"{name:>24}" for name in NAMES) + f"{'to better rival':>18}"]
    for label, figure, more_is_better in OFF:
        lines.append(row(label, off, figure, more_is_better=more_is_better))
    for step in (*STEPS, "security", "open_page"):
        counts = (found["queries"][name][step] for name in NAMES)
        cells = (f"{one['queries']} ({one['writes']})" for one in counts)
        lines.append(f"{'queries (writes): ' + step:<34}" + "".join(f"{cell:>24}" for cell in cells))
    limit = on["hashes"]["per_second"]
    lines += [
        f"\n{'hashing on':<34}" + "".join(f"{name:>24}" for name in NAMES) + f"{'to better rival':>18}",
        row("sign-ins a second", on, "sign_in.per_second", more_is_better=True),
        f"{'of the hash limit':<34}"
        + "".join(f"{on[name]['sign_in.per_second'][0] / limit[0]:>24.0%}" for name in NAMES),
        row("server CPU, ms a sign-in", on, "sign_in.server_cpu_ms", more_is_better=False),
        f"hash limit, all cores: {told(limit)} a second",
    ]
    return lines


OFF = (
    ("sign-ins a second", "sign_in.per_second", True),
    ("server CPU, ms a sign-in", "sign_in.server_cpu_ms", False),
    ("database CPU, ms a sign-in", "sign_in.database_cpu_ms", False),
    ("whole sign-in, ms", "sign_in.ms", False),
    *((f"  {step}, ms", f"{step}_ms", False) for step in STEPS),
    ("security page, ms", "security.ms", False),
    ("security page, a second", "security.per_second", True),
    ("security page, server CPU ms", "security.server_cpu_ms", False),
    ("sign-in page, ms", "open_page.ms", False),
    ("sign-in page, a second", "open_page.per_second", True),
    ("sign-in page, server CPU ms", "open_page.server_cpu_ms", False),
)


def row(label: str, medians: dict[str, Any], figure: str, *, more_is_better: bool) -> str:
    """One figure of the three, and how many times better than the better rival the portal is."""
    cells = "".join(f"{told(medians[name][figure]):>24}" for name in NAMES)
    ours, theirs = medians[PORTAL.name][figure][0], [medians[name][figure][0] for name in RIVALS]
    times = ours / max(theirs) if more_is_better else min(theirs) / ours if ours else 0.0
    return f"{label:<34}{cells}{times:>17.2f}×"


def told(figure: list[float]) -> str:
    return "{:.1f} ({:.1f}–{:.1f})".format(*figure)
