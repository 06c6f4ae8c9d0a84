"""The look's laws that need no browser: contrast in both themes, nothing inline, nothing from outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

CSS = Path(settings.BASE_DIR, "static", "css")
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "letters" not in path.parts]
SCRIPTS = sorted(Path(settings.BASE_DIR, "static", "js").glob("*.js"))
TEXT = ["ink", "ink-quiet", "way", "way-strong", "hold", "done", "stop"]
GROUNDS = ["paper", "raised", "surface"]


def themes() -> dict[str, dict[str, str]]:
    """The semantic colours of each theme, resolved to hex."""
    primitives = dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6})", (CSS / "tokens.css").read_text()))
    roots = re.findall(r":root \{(.*?)\n\s*\}", (CSS / "portal.css").read_text(), re.S)[:2]

    def read(block: str) -> dict[str, str]:
        found = {}
        for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", block):
            if (token := re.fullmatch(r"var\((--[\w-]+)\)", value)) and token[1] in primitives:
                value = primitives[token[1]]
            if re.fullmatch(r"#[0-9a-f]{3}", value):
                value = "#" + "".join(2 * digit for digit in value[1:])
            if re.fullmatch(r"#[0-9a-f]{6}", value):
                found[name] = value
        return found

    light = read(roots[0])
    return {"light": light, "dark": light | read(roots[1])}


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_every_ground(theme):
    colours = themes()[theme]
    pairs = [(text, ground) for text in TEXT for ground in GROUNDS]
    pairs += [(tone, f"{tone}-soft") for tone in ("way", "hold", "done", "stop")]
    pairs += [(text, f"{tone}-soft") for text in ("ink", "ink-quiet") for tone in ("way", "hold", "done", "stop")]
    pairs += [("on-way", "way"), ("on-way", "way-strong"), ("paper", "done")]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_inputs_stand_out(theme):
    colours = themes()[theme]
    assert min(contrast(colours["edge"], colours[ground]) for ground in GROUNDS) >= 3


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_has_nothing_inline(path):
    """A strict CSP refuses it: no style, script or handler inside a page (conventions §7.1)."""
    markup = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    assert re.findall(r"\sstyle=|<style|\son\w+=|javascript:", markup) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", markup) if "src=" not in tag] == []


def test_nothing_is_fetched_from_elsewhere():
    outside = re.compile(
        r"""<(?:img|script|link|iframe|source|use)\b[^>]*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//"""
    )
    for path in [*TEMPLATES, CSS / "portal.css"]:
        assert outside.findall(path.read_text()) == [], path


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_never_writes_markup(path):
    """Trusted Types are `none`: a module that wrote HTML would break, and could carry an attack (XSS)."""
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", path.read_text())
        == []
    )


def test_icons_exist_for_every_proof():
    from accounts.drawings import ICONS, PROOF_ICONS
    from policy.facts import Kind

    assert set(PROOF_ICONS) == {str(kind) for kind in Kind}
    assert set(PROOF_ICONS.values()) <= set(ICONS)
