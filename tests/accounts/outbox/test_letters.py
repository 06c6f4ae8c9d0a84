"""Every letter, in both languages, in every form it goes out in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from accounts import clock, events
from accounts.models import Link, OutboxMessage, User
from accounts.outbox import enqueue, links, notices
from accounts.outbox.letters import Letter, Obsolete, render
from recovery.models import Case
from recovery.states import State
from tests.accounts.outbox.conftest import CTX, change_of, code_for, letter_with, person

PURPOSES = ("sign_in", "step_up", "recovery", "confirm", "sign_up")
GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
JAPANESE = re.compile(r"[ぁ-ヿ一-鿿]")
#: Three words in a row that nobody translated; addresses and names of browsers are shorter.
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b")


def case_of(user: User, **fields: object) -> Case:
    now = clock.now()
    words = {"state": State.ON_HOLD, "wait": timedelta(hours=72), "ready_at": now + timedelta(hours=72), **fields}
    return Case.objects.create(
        reference=f"MD-TEST-{user.pk}",
        secret_digest="-",
        user=user,
        situation="new_number",
        identifier=user.email,
        identifier_kind="email",
        created_at=now,
        suffices_at=now,
        expires_at=now + timedelta(days=7),
        **words,
    )


def notices_of(event_type: str, user: User) -> list[OutboxMessage]:
    """The letters of one event, as they are announced."""
    case = case_of(user) if event_type.startswith("case.") else None
    phone = user.phones.get()
    event = events.record(
        event_type,
        user,
        CTX,
        change=change_of(user, by_recovery=case is not None),
        case_reference=case.reference if case else "",
        means=phone.means_id,
        left=3,
    )
    return list(OutboxMessage.objects.filter(data__event=event.pk))


def assert_right_language(text: str, language: str) -> None:
    if language == "en":
        assert not JAPANESE.search(text), text
    else:
        assert not ENGLISH.search(text), ENGLISH.search(text)


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.remote: list[str] = []
        self.lang = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.lang = self.lang or str(found.get("lang") or "")
        if tag == "a":
            self.links.append(str(found["href"]))
        elif found.get("src") or (tag == "link" and found.get("href")) or tag == "script":
            self.remote.append(f"{tag} {found}")


def assert_good_mail(letter: Letter, language: str, urls: int) -> None:
    page = Links(letter.html)
    assert len(page.links) == urls
    assert page.lang == language
    assert not page.remote and "url(" not in letter.html and "@import" not in letter.html
    assert letter.text.count("http://") + letter.text.count("https://") == urls
    assert all(link in letter.text for link in page.links), "the text is complete by itself"
    assert 0 < len(letter.subject) <= (40 if language == "ja" else 78)
    assert "{{" not in letter.text and "None" not in letter.text
    assert_right_language(letter.subject + letter.text, language)


@pytest.fixture(params=["ja", "en"])
def reader(request: pytest.FixtureRequest, db: None) -> User:
    return person("hanako", language=request.param)


@pytest.mark.parametrize("event_type", sorted(notices.NOTICES))
def test_every_notice_reads_well_as_text_html_and_sms(event_type: str, reader: User) -> None:
    rows = notices_of(event_type, reader)
    assert {row.channel for row in rows} == ({"mail", "sms"} if notices.NOTICES[event_type].sms else {"mail"})
    for row in rows:
        letter = render(row)
        if row.channel == "mail":
            assert_good_mail(letter, reader.language, urls=1 if notices.NOTICES[event_type].not_me else 0)
        else:
            assert_right_language(letter.sms, reader.language)
            assert "http" not in letter.sms


@pytest.mark.parametrize("event_type", sorted(name for name, one in notices.NOTICES.items() if one.sms))
def test_every_notice_by_sms_fits_one_segment(event_type: str, reader: User, settings: object) -> None:
    settings.PUBLIC_HOST = "account.example.jp"
    [row] = [row for row in notices_of(event_type, reader) if row.channel == "sms"]
    assert_one_segment(render(row).sms, reader.language)


def assert_one_segment(text: str, language: str) -> None:
    if language == "ja":
        assert len(text.encode("utf-16-le")) // 2 <= 70, text
    else:
        assert set(text) <= GSM7 and len(text) <= 160, text


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_mailed_code_stands_in_the_mail_but_not_in_its_subject(purpose: str, reader: User) -> None:
    challenge = code_for(reader, purpose)
    letter = render(letter_with(challenge, reader.language))
    assert_good_mail(letter, reader.language, urls=0)
    assert challenge.code in letter.text and challenge.code in letter.html
    assert challenge.code not in letter.subject
    assert ("迷惑メール" if reader.language == "ja" else "spam folder") in letter.text


@pytest.mark.parametrize("purpose", PURPOSES[:4])
def test_every_code_by_sms_is_found_by_the_browser(purpose: str, reader: User, settings: object) -> None:
    """The parser of WICG sms-one-time-codes: only the last line counts."""
    settings.PUBLIC_HOST = "account.example.jp"
    challenge = code_for(reader, purpose, "sms")
    text = render(letter_with(challenge, reader.language)).sms
    match = re.fullmatch(r"@(?P<host>[^\s#]+) #(?P<code>[^\s]+)(?: @\S+)?", text.split("\n")[-1])
    assert match and match["host"] == "account.example.jp" and match["code"] == challenge.code
    assert_one_segment(text, reader.language)
    assert len(text.encode("utf-16-le")) // 2 <= 69 or reader.language == "en"


def test_the_other_letters_read_well(reader: User) -> None:
    case = case_of(reader)
    for kind, link_kind, subject in (
        ("password/reset", "password_reset", ""),
        ("case/resume", "resume", f"case:{case.reference}"),
    ):
        link = links.make(link_kind, user=reader, subject=subject, to=reader.email, life=timedelta(hours=1))
        row = enqueue(
            kind, channel="mail", to=reader.email, language=reader.language, data={"link": str(link.pk)}, dedupe=kind
        )
        letter = render(row)
        assert_good_mail(letter, reader.language, urls=1)
        assert link.token in letter.text
    row = enqueue("sign_up/known", channel="mail", to=reader.email, language=reader.language, dedupe="known")
    assert_good_mail(render(row), reader.language, urls=1)


def test_no_row_holds_a_secret(reader: User) -> None:
    challenge = code_for(reader)
    letter_with(challenge)
    notices_of("case.opened", reader)
    rows = json.dumps([list(map(str, row)) for row in OutboxMessage.objects.values_list()])
    assert challenge.code not in rows
    for link in Link.objects.all():
        assert link.token not in rows and link.stop_code not in rows
        assert link.token.partition(".")[2] not in rows


def test_a_letter_speaks_in_the_recipients_time_zone(hanako: User) -> None:
    row = letter_with(code_for(hanako, created_at=clock.now()), "en", timezone="Europe/Berlin")
    assert "Central European" in render(row).text


def test_markup_in_a_name_stays_text(hanako: User) -> None:
    app = hanako.totps.create(name="<b>me</b> & you", bound_at=clock.now(), confirmed_at=clock.now())
    events.record("totp.added", hanako, CTX, means=app.means_id)
    letter = render(OutboxMessage.objects.get(channel="mail"))
    assert "<b>me</b> & you" in letter.text
    assert "&lt;b&gt;me&lt;/b&gt; &amp; you" in letter.html


def test_a_services_name_is_never_escaped_where_nothing_is_markup(hanako: User, settings: object) -> None:
    settings.SERVICE_NAME = "Smith & Sons"
    assert "Smith & Sons" in render(letter_with(code_for(hanako, channel="sms"))).sms
    assert "Smith & Sons" in render(letter_with(code_for(hanako))).subject


def test_a_case_letter_carries_the_path_and_the_exact_end(hanako: User) -> None:
    [row] = [row for row in notices_of("case.opened", hanako) if row.channel == "mail"]
    case = Case.objects.get()
    end = f"{case.ready_at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}"
    text = render(row).text
    assert [line[:2] for line in text.splitlines() if re.match(r"\d\. \[", line)] == ["1.", "2.", "3.", "4."]
    assert end in text


def test_a_letter_about_the_wait_is_not_sent_when_the_wait_is_over(hanako: User) -> None:
    [row] = [row for row in notices_of("case.hour_left", hanako) if row.channel == "mail"]
    Case.objects.update(state=State.CANCELLED)
    with pytest.raises(Obsolete):
        render(row)


@pytest.fixture(autouse=True)
def _quiet(bells: list[tuple[str, ...]]) -> Iterator[None]:
    yield
