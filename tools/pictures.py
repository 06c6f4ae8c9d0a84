"""`make pictures`: every page in both languages, themes and widths into var/pictures; the README's into docs/pictures.

The pages are those of the browser tests' walks: a page that is tested is a page that is seen. Each walk gets a contact
sheet, var/pictures/<walk>.<language>.html and .png, to look through with one glance.
"""

from __future__ import annotations

import html
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.scenes import WALKS
from tests.browsers import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from tests.journeys.walk import Visitor
from tests.servers import ROOT, Portal
from tools import png

ALL, README = ROOT / "var" / "pictures", ROOT / "docs" / "pictures"
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
SIZES: dict[str, ViewportSize] = {"phone": PHONE, "desktop": DESKTOP}
#: scene → name of the README's picture
SHOWN = {"front": "front", "roads": "roads", "case_hold": "case", "security_pending": "security"}
README_SIZE: ViewportSize = {"width": 1000, "height": 940}
LIMIT = 120_000
CONTACT = """<!doctype html><meta charset="utf-8"><title>{title}</title><style>body {{ font: 14px sans-serif;
background: #888; display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px }} figure {{ margin: 0 }}
img {{ width: 100%; max-height: 420px; object-fit: cover; object-position: top }}</style>{figures}"""
FIGURE = '<figure><img src="{file}" alt=""><figcaption>{name}</figcaption></figure>'


def main() -> None:
    if not CHROMIUM:
        sys.exit("Pictures are taken by Chromium, which is not installed.")
    for folder in (ALL, README):
        folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="modoru-pictures-"))
    portal = Portal(var=place)
    try:
        portal.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for language in LOCALES:
                for walk in WALKS:
                    portal.reset()
                    take(browser, portal, walk, language)
            browser.close()
    finally:
        portal.stop()
        shutil.rmtree(place, ignore_errors=True)


def take(browser: Browser, portal: Portal, walk: str, language: str) -> None:
    """One walk in one language: every stop in both themes and widths."""

    def visitor() -> Visitor:
        context = browser.new_context(
            base_url=portal.url,
            locale=LOCALES[language],
            timezone_id="Asia/Tokyo",
            viewport=DESKTOP,
            reduced_motion="reduce",
        )
        return Visitor(context.new_page(), portal)

    files: list[str] = []
    for name, here in WALKS[walk](visitor, portal):
        files += [
            snap(here.page, f"{walk}.{name}.{language}", theme, size) for theme in ("light", "dark") for size in SIZES
        ]
        if name in SHOWN:
            for_the_readme(here.page, f"{SHOWN[name]}.{language}.png")
        here.page.emulate_media(color_scheme="light")
        here.page.set_viewport_size(DESKTOP)
    for context in browser.contexts:
        context.close()
    contact_sheet(browser, f"{walk}.{language}", files)


def snap(page: Page, name: str, theme: str, size: str) -> str:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(SIZES[size])
    file = f"{name}.{theme}.{size}.png"
    page.screenshot(path=ALL / file, full_page=True)
    return file


def for_the_readme(page: Page, file: str) -> None:
    """A small picture: what is seen without scrolling, in as many colours as a palette holds."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(README_SIZE)
    page.evaluate("scrollTo(0, 0)")
    picture = png.with_palette(page.screenshot())
    if len(picture) > LIMIT:
        sys.exit(f"docs/pictures/{file} has {len(picture)} bytes, more than {LIMIT}.")
    (README / file).write_bytes(picture)
    print(f"docs/pictures/{file} {len(picture) // 1000} kB", flush=True)


def contact_sheet(browser: Browser, name: str, files: list[str]) -> None:
    figures = "".join(FIGURE.format(file=html.escape(file), name=html.escape(file.split(".", 1)[1])) for file in files)
    sheet = ALL / f"{name}.html"
    sheet.write_text(CONTACT.format(title=name, figures=figures), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1500, "height": 900})
    page.goto(sheet.as_uri())
    page.screenshot(path=sheet.with_suffix(".png"), full_page=True)
    page.close()
    print(f"var/pictures/{sheet.name} ({len(files)} pictures)", flush=True)


if __name__ == "__main__":
    main()
