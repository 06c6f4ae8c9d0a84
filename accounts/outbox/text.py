"""Blocks as plain text: complete, in reading order, no line that only markup would explain."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from accounts.templatetags.modoru import state_word

INDENT = "    "


def render(blocks: list[dict[str, Any]], page: dict[str, Any]) -> str:
    """The body between the phrase at the top and the short id at the foot."""
    body = "\n\n".join(part for part in (_block(block) for block in blocks) if part)
    foot = render_to_string("letters/_foot.txt", page).strip()
    head = [page["service"], page["phrase"]]
    return "\n\n".join([*filter(None, head), body, "-- ", foot]) + "\n"


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "paragraph" | "quiet" | "heading":
            return str(block["text"])
        case "code":
            return INDENT + block["value"]
        case "facts":
            return "\n".join(f"{label}: {value}" for label, value in block["rows"])
        case "list":
            return "\n".join(f"- {item}" for item in block["items"])
        case "button":
            return f"{block['label']}:\n{block['url']}"
        case "path":
            return "\n".join(_station(number, one) for number, one in enumerate(block["stations"], 1))
    raise ValueError(block["type"])


def _station(number: int, one: dict[str, Any]) -> str:
    first = f"{number}. [{state_word(one['state'])}] {one['title']}"
    return "\n".join([first, *(f"   {line}" for line in (one["when"], one["text"]) if line)])
