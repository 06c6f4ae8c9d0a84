"""Message catalogues: compiled by Babel (no gettext needed), and checked: complete, not fuzzy, same placeholders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
#: `%(name)s`, `{name}` and the plain printf letters: what a translation must keep.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%[sd%]")
#: Folders that hold no text of ours.
IGNORED = (".venv", "var", "tests", "docs", "tools", "locale")
Key = tuple[str | None, str]


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def compile_all() -> None:
    """Write each .mo that is missing or older than its .po."""
    for po in catalogues():
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        temporary = mo.with_suffix(f".mo-{os.getpid()}")
        with temporary.open("wb") as file:
            write_mo(file, load(po))
        temporary.replace(mo)


def load(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3], abort_invalid=True)


def key(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def problems() -> list[str]:
    """Everything that keeps a catalogue from being complete."""
    found = [] if catalogues() else ["ja: there is no catalogue at all"]
    wanted = extract()
    for po in catalogues():
        messages = {key(message): message for message in load(po) if message.id}
        language = po.parts[-3]
        found += [f"{language}: {fault}" for fault in faults(messages.values())]
        if wanted is None:
            continue
        # Texts that libraries show carry the comment "# third-party": the source does not name them.
        ours = {each for each, message in messages.items() if "third-party" not in message.user_comments}
        found += [f"{language}: missing: {text!r}" for _context, text in sorted(wanted - messages.keys(), key=str)]
        found += [f"{language}: no longer used: {text!r}" for _context, text in sorted(ours - wanted, key=str)]
    return found


def faults(messages: Iterable[Message]) -> Iterator[str]:
    """What is wrong inside one catalogue."""
    for message in messages:
        identity, strings = texts(message.id), texts(message.string)
        if message.fuzzy:
            yield f"fuzzy: {identity[0]!r}"
        if not all(string.strip() for string in strings) or not strings:
            yield f"untranslated: {identity[0]!r}"
            continue
        allowed = set(PLACEHOLDER.findall(" ".join(identity)))
        for string in strings:
            used = set(PLACEHOLDER.findall(string))
            # A plural form may leave out its number ("one code"), no form may use a name the code does not give.
            if used - allowed or (len(identity) == 1 and used != allowed):
                yield f"placeholders differ: {identity[0]!r} → {string!r}"


def extract() -> set[Key] | None:
    """Every message of the source, by Django's makemessages on a copy; None where gettext is not installed."""
    if not shutil.which("xgettext"):
        if os.environ.get("CI") == "true":
            sys.exit("gettext is not installed, so the catalogue cannot be compared with the source.")
        print("gettext is not installed: the catalogue is not compared with the source.")
        return None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "source"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "*.mo", *IGNORED))
        po = copy / "locale" / "xx" / "LC_MESSAGES" / "django.po"
        po.parent.mkdir(parents=True)
        words = [sys.executable, "-m", "django", "makemessages", "--locale", "xx", "--no-location", "--verbosity", "0"]
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        subprocess.run(words, cwd=copy, env=environment, check=True)
        # gettext leaves the plural forms of a new catalogue for a person to fill in.
        text = po.read_text(encoding="utf-8").replace(
            "nplurals=INTEGER; plural=EXPRESSION", "nplurals=2; plural=(n != 1)"
        )
        return {key(message) for message in read_po(text.splitlines()) if message.id}


def main() -> None:
    if sys.argv[1:] == ["check"]:
        sys.exit("\n".join(problems()) or None)
    compile_all()


if __name__ == "__main__":
    main()
