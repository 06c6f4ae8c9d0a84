"""What is unusual about a claim sends it to people once it is enough, and is told only after a proof (R15, R17)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from accounts import browser_cookie, clock
from accounts.context import system
from accounts.models import KnownBrowser, OutboxMessage, SecurityEvent, User
from accounts.outbox import letters
from recovery.models import Case
from recovery.services import cases, review
from tests.recovery import people
from tests.recovery.people import PASSWORD, Claimant, app_code, letters_out, person

pytestmark = pytest.mark.django_db
CTX = system("test")


@pytest.fixture
def countries(tmp_path: Path, settings: LazySettings) -> None:
    """An operator's file in which the claimant's network is in Brazil and the owner's in Japan."""
    writer = MMDBWriter(database_type="GeoLite2-Country")
    writer.insert_network(IPSet(["127.0.0.0/24"]), {"country": {"iso_code": "BR"}})
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "JP"}})
    writer.to_db_file(str(tmp_path / "countries.mmdb"))
    settings.GEOIP_FILE = str(tmp_path / "countries.mmdb")


def used_browser(user: User, network: str = "203.0.113.0/24") -> str:
    """A browser that has signed in for long; the token in its cookie."""
    token, now = browser_cookie.fresh(), clock.now()
    KnownBrowser.objects.create(
        user=user, digest=browser_cookie.digest(token), name="Chrome", network=network,
        first_seen=now - timedelta(days=90), last_used=now, expires_at=now + timedelta(days=90),
    )  # fmt: skip
    return token


def stopped_before(user: User) -> None:
    earlier = Claimant()
    earlier.by_mail()
    earlier.prove("totp", app_code())
    letters_out(earlier.reference)
    cases.end_all(user, CTX)
    assert earlier.case.ended_why == "not_me"


def locked_out(user: User) -> None:
    SecurityEvent.objects.create(type="limit.exceeded", user=user, actor="anonymous", at=clock.now())


@pytest.fixture
def unusual(countries: None) -> Claimant:
    """Two whole risks: another recovery was stopped; and a strange browser in a strange country."""
    owner = person(mails=2)
    used_browser(owner)
    stopped_before(owner)
    return Claimant()


def test_an_ordinary_claim_carries_no_risk(countries: None, settings: LazySettings) -> None:
    person()
    assert Claimant().case.risks == []


def test_the_worker_writes_down_what_is_unusual_and_forgets_the_browser(unusual: Claimant) -> None:
    assert unusual.case.risks == ["new_browser", "new_country", "stopped_lately"]
    assert unusual.case.browsers == []


def test_without_an_operators_file_no_country_is_looked_at(settings: LazySettings) -> None:
    used_browser(person())
    assert Claimant().case.risks == ["new_browser"]


def test_many_wrong_codes_are_half_a_risk(settings: LazySettings) -> None:
    owner = person()
    locked_out(owner)
    claimant = Claimant()
    assert claimant.case.risks == ["failed_codes"]
    claimant.by_mail()
    claimant.prove("totp", app_code())
    assert claimant.case.state == "on_hold"  # whoever types wrong codes sends no owner to people


def test_before_a_proof_the_page_says_nothing_of_it(unusual: Claimant) -> None:
    page = unusual.page()
    assert "unusual" not in page and "country" not in page and "stopped lately" not in page


def test_two_risks_send_a_claim_that_is_enough_to_people_and_the_page_says_why(unusual: Claimant) -> None:
    unusual.by_mail()
    assert unusual.case.state == "proving"
    assert unusual.prove("password", PASSWORD) == 302
    case = unusual.case
    assert case.state == "in_review" and case.ready_at is None
    page = unusual.page()
    assert "People look first." in page
    assert "Several things are unusual here" in page
    assert "in a country from which this account was not used before" in page
    assert "Another recovery of this account was stopped lately." in page


def test_the_letter_speaks_of_what_is_unusual_and_not_of_papers(unusual: Claimant) -> None:
    unusual.by_mail()
    unusual.prove("password", PASSWORD)
    told = OutboxMessage.objects.filter(case_reference=unusual.reference, kind="case/in_review")
    assert {row.to for row in told} >= {"hanako@example.jp", "hanako+1@example.org"}
    letter = letters.render(told.get(to="hanako@example.jp"))
    assert "ふだんと違う点" in letter.text and "書類" not in letter.subject + letter.text


def test_two_agents_let_it_go_on_and_only_then_it_waits_whole(unusual: Claimant) -> None:
    unusual.by_mail()
    unusual.prove("password", PASSWORD)
    grace, heidi = (User.objects.create_user(f"{name}@agents.example", None, is_staff=True) for name in ("g", "h"))
    case = unusual.case
    assert review.approve(case, grace, CTX) is False and case.state == "in_review"
    assert review.approve(case, heidi, CTX) is True and case.state == "on_hold"
    letters_out(case.reference)
    case.refresh_from_db()
    assert case.ready_at is not None and case.approved_at is not None
    assert case.ready_at - case.approved_at >= timedelta(hours=72)


def test_a_set_that_needs_no_wait_opens_only_after_people_have_agreed(unusual: Claimant) -> None:
    unusual.prove("saved-code", people.CODES[1])
    unusual.prove("password", PASSWORD)
    assert unusual.case.state == "in_review"
    case = unusual.case
    for name in ("g", "h"):
        review.approve(case, User.objects.create_user(f"{name}@agents.example", None, is_staff=True), CTX)
    cases.sweep()
    assert Case.objects.get(pk=case.pk).state == "ready"
