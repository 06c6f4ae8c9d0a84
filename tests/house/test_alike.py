"""Whoever asks with somebody else's address learns nothing: known and unknown people get the same bytes (ASVS 6.3.8).

Compared are status, headers, cookies and the whole body, but for the CSRF token and the echo of what was typed, and the
statements sent to the database. The time of day stands still, so the moments on the pages are compared too. How long
it takes is measured by `make bench`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import AddressRequest, LimitCounter
from accounts.services import requests
from policy.rules import RULES
from recovery.models import Case
from recovery.services import claims
from recovery.services import requests as case_requests
from tests.recovery.people import OLD, PASSWORD, person
from tests.support import files
from tests.support.people import WEBM, stored
from tests.support.people import work as papers_work

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "+819099999999"
#: Tables that say who has an account. A page open to all reads none of them (architecture, "Doors").
PEOPLE = re.compile(r'"accounts_(user|address|phone|totp|savedcodeset|savedcode|passwordreset)"')
#: What differs by itself: values, an account's key or none, and the running number of a savepoint.
VALUES = re.compile(r"'(?:[^']|'')*'|\b(?:\d+|NULL)\b|s\d+_x\d+")
SECRETS = {
    "email": "123456",
    "sms": "123456",
    "totp": "123456",
    "password": "not the one at all",
    "saved-code": "0" * 20,
}


#: The token of the words to be said, and all that chance gives each of two pages: tokens, words, keys of papers.
TOKEN = re.compile(r'name="words" value="([^"]+)"')
CHANCE = re.compile(
    r'name="(?:csrfmiddlewaretoken|words)" value="[^"]*"|(?<=documents/)[0-9a-f-]{36}|<p class="spoken-words".*?</p>'
)


class Pair:
    """Two browsers that do the same: the one names a person we know, the other nobody."""

    def __init__(self, known: str, unknown: str, language: str = "ja") -> None:
        self.names = known, unknown
        self.browsers = [Client(headers={"accept-language": language}) for _ in self.names]
        self.references, self.tokens = ["", ""], ["", ""]

    def get(self, path: str) -> None:
        self._both("get", path, {})

    def post(self, path: str, **fields: str | bytes) -> None:
        """`NAME` stands for what each of them types, `REFERENCE` for the case each of them was given."""
        self._both("post", path, {name.replace("__", "-"): value for name, value in fields.items()})

    def _both(self, method: str, path: str, fields: dict[str, Any]) -> None:
        seen, asked, status = [], [], 0
        for index in (0, 1):
            here = path.replace("REFERENCE", self.references[index])
            data = {name: self._own(value, index) for name, value in fields.items()}
            with CaptureQueriesContext(connection) as queries:
                answer: Any = getattr(self.browsers[index], method)(here, data, REMOTE_ADDR=f"198.51.{100 + index}.7")
            if found := re.search(r"/cases/([^/]+)/", answer.headers.get("Location", "")):
                self.references[index] = found.group(1)
            seen.append(self._seen(answer, index))
            asked.append([VALUES.sub("?", query["sql"]) for query in queries])
            status = answer.status_code
        assert status < 500
        assert seen[0] == seen[1], f"{method} {path} tells the known from the unknown"
        assert asked[0] == asked[1], f"{method} {path} does more for one of them"
        if path != "/sign-in/":
            assert [query for query in asked[0] if PEOPLE.search(query)] == []

    def _own(self, value: Any, index: int) -> Any:
        """What this one of them types, or the file it sends, or the token its page showed."""
        if isinstance(value, bytes):
            return SimpleUploadedFile("video.webm" if value.startswith(WEBM[:4]) else "front.jpg", value)
        return self.tokens[index] if value == "TOKEN" else value.replace("NAME", self.names[index])

    def _seen(self, answer: Any, index: int) -> dict[str, Any]:
        if found := TOKEN.search(answer.text):
            self.tokens[index] = found.group(1)

        def plain(text: str) -> str:
            own = filter(None, (self.names[index], self.names[index].replace("+81", "0"), self.references[index]))
            for word in own:
                text = text.replace(word, "…")
            return CHANCE.sub("", text)

        # Words by chance are of chance length: there the body itself is compared.
        chance = {"X-Request-ID", "Content-Length"} if found else {"X-Request-ID"}
        headers = {name: plain(value) for name, value in answer.headers.items() if name not in chance}
        cookies = {name: len(plain(morsel.OutputString())) for name, morsel in answer.cookies.items()}
        return {"status": answer.status_code, "headers": headers, "cookies": cookies, "body": plain(answer.text)}


@pytest.fixture(autouse=True)
def _hanako_is_known_and_time_stands_still() -> Iterator[None]:
    with time_machine.travel("2026-11-22 05:20:00+00:00", tick=False):
        person()
        yield


@pytest.fixture(params=["ja", "en"])
def pair(request: pytest.FixtureRequest) -> Pair:
    return Pair("hanako@example.jp", "nobody@example.jp", request.param)


def test_it_sees_a_difference(pair: Pair) -> None:
    """The comparison itself: the right password is a difference."""
    with pytest.raises(AssertionError, match="tells the known from the unknown"):
        pair.post("/sign-in/", login_view__current_step="auth", auth__email="NAME", auth__password=PASSWORD)


def test_signing_in_with_a_wrong_password_also_beyond_the_limit(pair: Pair) -> None:
    words = {"login_view__current_step": "auth", "auth__email": "NAME", "auth__password": "not the one at all"}
    pair.get("/sign-in/")
    for _ in range(RULES.wrong_passwords_account[0][0] + 2):
        pair.post("/sign-in/", **words)


def test_asking_for_a_new_password(pair: Pair) -> None:
    pair.get("/password/forgot/")
    pair.post("/password/forgot/", email="NAME")
    pair.get("/password/forgot/sent/")
    resolve_requests()
    pair.get("/password/forgot/sent/")


def test_signing_up(pair: Pair) -> None:
    pair.get("/sign-up/")
    pair.post("/sign-up/", email="NAME")
    for _ in ("before the worker looked", "afterwards"):
        pair.get("/sign-up/code/")
        pair.post("/sign-up/code/", code="123456")
        resolve_requests()
    pair.get("/sign-up/password/")


@pytest.mark.parametrize("names", [("hanako@example.jp", "nobody@example.jp"), (OLD, NOBODY)], ids=["mail", "number"])
@pytest.mark.parametrize("situation", ["new_number", "lost_phone", "nothing_left"])
def test_beginning_a_recovery_and_showing_wrong_proofs(situation: str, names: tuple[str, str]) -> None:
    pair = Pair(*names)
    field = "email" if "@" in names[0] else "phone"
    here = "/recovery/cases/REFERENCE/"
    pair.post(f"/recovery/start/?situation={situation}", **{"email": "", "phone": "", field: "NAME"})
    for _ in ("before the worker looked", "afterwards"):
        pair.get(here)
        for method in SECRETS:
            pair.get(f"{here}prove/{method}/")
        resolve_claims()
    for method in ("email", "sms"):
        to = {"email": "email", "sms": "phone"}[method]
        pair.post(f"{here}prove/{method}/", send="1", **{to: "hanako@example.jp" if to == "email" else OLD})
        pair.get(f"{here}prove/{method}/?sent=1")
    resolve_claims()
    pair.get(f"{here}cancel/")
    pair.post(f"{here}resume/", email="hanako@example.jp")
    pair.get(here)


@pytest.mark.parametrize("method", SECRETS)
def test_a_wrong_proof_is_wrong_in_the_same_words_also_beyond_the_limit(method: str, pair: Pair) -> None:
    pair.post("/recovery/start/?situation=new_number", email="NAME", phone="")
    resolve_claims()
    for _ in range(RULES.wrong_codes_account[0][0] + 2):
        show_wrong(pair, method)


def test_the_road_of_papers_up_to_its_answer_and_the_answer_itself(pair: Pair, storage: Path) -> None:
    """Somebody without identity on file, and nobody: alike at every door, and the papers of both are gone unseen."""
    here = "/support/cases/REFERENCE/"
    pair.post("/recovery/start/?situation=nothing_left", email="NAME", phone="")
    pair.get(here)
    resolve_claims()
    for address in ("", "documents/", "documents/?kind=licence", "documents/?kind=licence&side=back", "video/"):
        pair.get(here + address)
    pair.post(f"{here}documents/?kind=licence", file=b"<svg/>")
    for side in ("front", "back"):
        pair.post(f"{here}documents/?kind=licence&side={side}", file=files.photo())
        pair.get(f"{here}documents/")
    papers_work()
    pair.get(f"{here}documents/")
    pair.post(f"{here}documents/", send="1")
    pair.get(f"{here}video/")
    pair.post(f"{here}video/", words="TOKEN", file=b"no video")
    pair.post(f"{here}video/", words="TOKEN", file=WEBM)
    for _ in ("before the worker looked", "afterwards"):
        for page in (here, "/recovery/cases/REFERENCE/"):
            pair.get(page)
        papers_work()
    assert stored(storage) == []
    answers = [pair.browsers[index].get(f"/support/cases/{pair.references[index]}/").text for index in (0, 1)]
    assert all("?anew" not in text and "/documents/" in text for text in answers), "another document may be tried"


def test_the_counters_know_no_account() -> None:
    """Charging differently would show in what is refused."""
    pair = Pair("hanako@example.jp", "nobody@example.jp")
    pair.post("/sign-in/", login_view__current_step="auth", auth__email="NAME", auth__password="not the one at all")
    charged = LimitCounter.objects.values_list("key", "count")
    names = sorted(key.split(":")[0] for key, _ in charged)
    assert names == sorted([*names[::2], *names[::2]]), "each of them once for hanako and once for nobody"
    assert {count for _, count in charged} == {1}


# --- hands ------------------------------------------------------------------------------------------------------------
def show_wrong(pair: Pair, method: str) -> None:
    """Verifying a proof looks at what is bound, so only what comes back is compared, not how."""
    field = "password" if method == "password" else "code"
    seen = []
    for index in (0, 1):
        path = f"/recovery/cases/{pair.references[index]}/prove/{method}/"
        answer = pair.browsers[index].post(path, {field: SECRETS[method]}, REMOTE_ADDR=f"198.51.{100 + index}.7")
        seen.append(pair._seen(answer, index))
    assert seen[0]["status"] == 200
    assert seen[0] == seen[1]


def resolve_requests() -> None:
    """The worker's half: known people are known to it, and only their mailbox is told."""
    for row in AddressRequest.objects.filter(resolved_at=None):
        requests.resolve(str(row.pk))


def resolve_claims() -> None:
    for case in Case.objects.filter(resolved_at=None):
        claims.resolve(case.pk)
    case_requests.sweep(clock.now(), 10)
