"""No dead link: whatever can be reached by following links, signed out or signed in, is there."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.walk import Visitor, somebody
from tests.servers import Portal

pytestmark = pytest.mark.browser
LEADS = {"a": "href", "link": "href", "script": "src", "img": "src", "use": "href"}


class Links(HTMLParser):
    """The addresses a page leads to, and the places in it that an address may name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("id"):
            self.places.add(str(given["id"]))
        if given.get(LEADS.get(tag, "")):
            self.found.append(str(given[LEADS[tag]]))


@pytest.mark.parametrize("who", ["", "mei"])
def test_every_internal_link_leads_somewhere(visitor: OpenVisitor, portal: Portal, who: str) -> None:
    crawler = visitor()
    if who:
        mei = somebody(portal, who)
        crawler.sign_in(mei.email, mei.password, mei.app_code())
    crawler.go("/")
    dead, seen = crawl(crawler, ["/", "/recovery/", "/dev/outbox/", "/help/", "/account/"])
    assert dead == []
    assert len(seen) > 15, seen


def crawl(crawler: Visitor, start: list[str]) -> tuple[list[str], set[str]]:
    """Follow every link once; of an address with a query one page of each shape."""
    waiting, seen, dead = [(path, "the start") for path in start], set(), []
    pages: dict[str, Links] = {}
    named: list[tuple[str, str, str]] = []
    while waiting:
        path, source = waiting.pop()
        address, place = urldefrag(path)
        if place:
            named.append((address, place, source))
        if shape(address) in seen:
            continue
        seen.add(shape(address))
        answer = crawler.page.request.get(address, max_redirects=0)
        if not (answer.ok or answer.status in (301, 302, 303)):
            dead.append(f"{answer.status} {address}, linked from {source}")
        if answer.ok and answer.headers.get("content-type", "").startswith("text/html"):
            pages[address] = Links(answer.text())
            waiting += [(link, address) for link in inside(pages[address].found, address, crawler.portal.url)]
        elif 300 <= answer.status < 400:
            waiting += [(link, address) for link in inside([answer.headers["location"]], address, crawler.portal.url)]
    dead += [
        f"no #{place} on {on}, linked from {source}"
        for on, place, source in named
        if on in pages and place not in pages[on].places
    ]
    return dead, seen


def shape(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{'&'.join(sorted(pair for pair in parts.query.split('&') if not pair.startswith('next=')))}"


def inside(links: list[str], page: str, portal: str) -> list[str]:
    """Addresses of this portal, as paths; `otpauth:`, `mailto:` and other hosts are not ours to answer for."""
    whole = (urljoin(f"{portal}{page}", link) for link in links)
    return [link.removeprefix(portal) for link in whole if urlsplit(link).netloc == urlsplit(portal).netloc]
