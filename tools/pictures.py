"""`make pictures`: the pictures of the README, taken by Chromium from a running portal into docs/pictures/."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browsers import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from tests.servers import Portal

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
#: name → door, language, width, colours. A picture of a page behind a sign-in belongs to a story in tests/journeys.
PICTURES: dict[str, tuple[str, str, Any, Any]] = {
    "front-ja": ("/", "ja-JP", PHONE, "light"),
    "front-en": ("/", "en-GB", DESKTOP, "light"),
    "roads-ja": ("/recovery/", "ja-JP", DESKTOP, "light"),
    "roads-en-dark": ("/recovery/", "en-GB", PHONE, "dark"),
    "policy-en": ("/recovery/policy/", "en-GB", DESKTOP, "light"),
    "help-ja": ("/help/", "ja-JP", PHONE, "light"),
}


def main() -> None:
    if not CHROMIUM:
        sys.exit("Pictures are taken by Chromium, which is not installed.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="modoru-pictures-"))
    portal = Portal(var=folder)
    try:
        portal.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for name, (door, locale, size, colours) in PICTURES.items():
                page = browser.new_page(
                    base_url=portal.url, locale=locale, timezone_id="Asia/Tokyo", viewport=size, color_scheme=colours,
                    device_scale_factor=2,
                )  # fmt: skip
                page.goto(door)
                page.screenshot(path=FOLDER / f"{name}.png")
                page.close()
                print(f"docs/pictures/{name}.png", flush=True)
            browser.close()
    finally:
        portal.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
