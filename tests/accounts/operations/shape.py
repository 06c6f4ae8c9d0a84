"""As much of JSON Schema as the published schema uses, so that a test can hold every answer against it."""

from __future__ import annotations

import re
from typing import Any

_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}
_KNOWN = frozenset(
    {"$schema", "$id", "$ref", "$defs", "title", "description", "type", "properties", "required", "items", "enum"}
    | {
        "const",
        "pattern",
        "minLength",
        "minimum",
        "minItems",
        "maxItems",
        "uniqueItems",
        "anyOf",
        "additionalProperties",
    }
)


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """Where the value is not what the schema says. A word of the schema that is not known here is a fault too."""
    found = [f"{at}: the schema says {word}" for word in schema.keys() - _KNOWN]
    if "$ref" in schema:
        return found + faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    if "anyOf" in schema and all(faults(value, one, root, at) for one in schema["anyOf"]):
        found.append(f"{at}: {value!r} is none of them")
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r}")
    if "type" not in schema:
        return found
    kind = _TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return [*found, f"{at}: {value!r} is no {schema['type']}"]
    return found + {dict: _object, list: _array, str: _string, int: _number}.get(kind, _nothing)(
        value, schema, root, at
    )


def _object(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    own = schema["properties"]
    assert schema["additionalProperties"] is False and set(schema["required"]) == set(own), f"{at}: open to anything"
    found = [f"{at}.{name}: missing" for name in own.keys() - value.keys()]
    found += [f"{at}.{name}: unknown" for name in value.keys() - own.keys()]
    return found + [
        fault for name in own.keys() & value.keys() for fault in faults(value[name], own[name], root, f"{at}.{name}")
    ]


def _array(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    found = [fault for index, one in enumerate(value) for fault in faults(one, schema["items"], root, f"{at}[{index}]")]
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        found.append(f"{at}: {len(value)} items")
    if schema.get("uniqueItems") and len(set(map(str, value))) < len(value):
        found.append(f"{at}: twice")
    return found


def _string(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    fits = re.search(schema.get("pattern", ""), value) and len(value) >= schema.get("minLength", 0)
    return [] if fits else [f"{at}: {value!r}"]


def _number(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    return [] if value >= schema.get("minimum", value) else [f"{at}: {value!r}"]


def _nothing(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    return []
