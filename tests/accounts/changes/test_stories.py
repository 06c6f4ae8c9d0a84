"""Every kind of change lived through by the clock: told, on probation, final; or taken back by a "not me" (R6–R10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts import clock, selectors
from accounts.models import Change, OutboxMessage, Session, User
from accounts.outbox.letters import render
from accounts.outbox.notices import NOTICES
from accounts.services import changes, delivery
from policy.facts import Facts
from policy.proofs import counts
from policy.rules import RULES
from tests.accounts import hands
from tests.attacks import deeds
from tests.attacks.deeds import PLAYS, Play

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
EVERYONE = {"hanako@example.jp", deeds.OTHER, "hanako+2@example.org", deeds.FORMER, *deeds.NUMBERS}

#: Changes that have no row in PLAYS, and where they are lived through.
ELSEWHERE = {
    "codes.added": "the first sheet: tests/accounts/authenticators/test_saved_codes.py",
    "codes.removed": "no page offers it: sheets are replaced",
    "payout.removed": "no page offers it yet",
    "case.completed": "tests/recovery/test_rebinding.py",
    "account.closed": "the end of account.closing: tests/accounts/operations/test_closing.py",
    "account.closing_halfway": "within account.closing: tests/accounts/operations/test_closing.py",
    "account.closing_hour_left": "within account.closing: tests/accounts/operations/test_closing.py",
    "account.kept_open": "takes account.closing back: tests/accounts/operations/test_closing.py",
    "identity.added": "people decide first: tests/support/",
    "identity.removed": "people decide first: tests/support/",
    "authenticator.lost": "at once, by R13: tests/accounts/changes/test_losses.py",
    "authenticator.found": "at once, by R13: tests/accounts/changes/test_losses.py",
}
#: Notices that tell of no change: an alarm, or a step of a recovery.
ALARMS = {"codes.used", "codes.low", "phone.stopped", "password.reset_requested", "withdrawal.made", "not_me.used"}
ALARMS |= {"account.exported", "passkey.copied", "review.asked_again", "review.denied"}
ALARMS |= {"session.new_browser", "session.sign_in.throttled", "session.second_factor.failed", "authenticator.disabled"}


def test_every_kind_of_notice_is_a_story_or_named_as_none() -> None:
    """A new kind of change has to be lived through here before it is."""
    recovery = {kind for kind in NOTICES if kind.startswith("case.") and kind != "case.completed"}
    assert NOTICES.keys() - PLAYS.keys() - ELSEWHERE.keys() - ALARMS - recovery == set()
    assert NOTICES.keys() >= PLAYS.keys()


@pytest.fixture
def hanako() -> User:
    return deeds.hanako()


@pytest.fixture
def before(hanako: User) -> object:
    return shape(hanako)


@pytest.fixture(params=PLAYS)
def change(request: pytest.FixtureRequest, hanako: User, before: object) -> Iterator[Change]:
    """Made through the web, in a session with a fresh proof by the app: one place, so final after 72 h (R6)."""
    play, client = PLAYS[request.param], deeds.browser()
    assert deeds.sign_in(client, hanako)
    assert not play.deed or deeds.step_up(client, play.deed, deeds.app_code(hanako))
    play.do(client, hanako)
    hanako.refresh_from_db()
    return Change.objects.get(user=hanako, what=request.param)


def test_it_is_told_takes_its_time_and_is_final_to_the_minute(change: Change, hanako: User) -> None:
    play = PLAYS[change.what]
    letters = list(change.letters.all())
    assert {letter.to for letter in letters} == EVERYONE | play.new_addresses, "also who was removed within 30 days"
    readable_in_both_languages(letters, play)
    assert (change.two_custodies, change.wait, change.final_at) == (False, RULES.final_else, None)
    on_probation(change, play, hanako)

    delivery.sweep()
    assert {letter.status for letter in change.letters.all()} == {"sent"}
    out = max(letter.sent_at for letter in change.letters.all())
    final = at(out + MINUTE, hanako, change)  # the sweep finds what the bell would have rung for
    assert final == out + RULES.final_else
    assert at(final - MINUTE, hanako, change) == final
    with time_machine.travel(final - MINUTE, tick=False):
        on_probation(change, play, hanako)
        assert "It can still be undone" in security(hanako)
    at(final, hanako, change)
    with time_machine.travel(final, tick=False):
        if change.what == "account.closing":
            assert not deeds.sign_in(deeds.browser(), hanako)
            return
        ended(change, play, hanako)
        assert "It can still be undone" not in security(hanako)


def test_one_not_me_within_the_hour_gives_everything_back(change: Change, hanako: User, before: object) -> None:
    """Pressed in a letter to an address that was removed ten days ago: it is told, so it has its say (R9)."""
    delivery.sweep()
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert deeds.not_me(hanako, deeds.FORMER).status_code == 200
        hanako.refresh_from_db()
        assert shape(hanako) == before
        assert not Session.objects.filter(user=hanako).exists()
        told = OutboxMessage.objects.filter(user=hanako, kind="notices/not_me_used").values_list("to", flat=True)
        assert set(told) == EVERYONE, "and what was undone is told nothing more"
    change.refresh_from_db()
    assert change.undone_at is not None
    with time_machine.travel(clock.now() + timedelta(hours=100), tick=False):
        changes.complete_due(clock.now())
        assert shape(hanako) == before, "what was undone never becomes final"


def test_while_one_letter_waits_nothing_is_final_and_the_page_says_so(change: Change, hanako: User) -> None:
    delivery.sweep()
    late = change.letters.filter(to=deeds.OTHER)
    late.update(status="queued", sent_at=None, error="greylisted")
    assert at(clock.now() + timedelta(hours=100), hanako, change) is None
    page = security(hanako)
    assert "Everyone is being told" in page
    assert "Tried in vain so far" in page and "Handed over at" in page
    late.update(status="refused", refused_at=clock.now())
    changes.settle(change.pk)
    change.refresh_from_db()
    assert change.final_at is not None
    page = security(hanako)
    assert "Could not be delivered" in page
    told = len(EVERYONE | PLAYS[change.what].new_addresses)
    assert f"Handed over to {told - 1} of {told} addresses" in page


# What must hold


def on_probation(change: Change, play: Play, user: User) -> None:
    """What came signs in and proves nothing; what went signs nobody in (an old sheet does); the end waits (R6, R7)."""
    known, held = selectors.facts(user), selectors.holdings(user)
    usable = {method.means_id for method in selectors.usable_methods(held)}
    for row in rows(user, play.adds, added_by=change):
        if play.adds == "payoutaddresss":
            assert held.probation(row) is not None
            continue
        assert not counts(find(known, row.means_id), known)
        assert (row.means_id in usable) is (play.adds != "addresss")
    for row in rows(user, play.ends, suspended_by=change):
        assert row.revoked_at is None
        assert (row.means_id in usable) is (play.ends == "savedcodesets")
    if change.what == "password.changed":
        assert selectors.holdings(user).password.replaced, "the former one still proves"


def ended(change: Change, play: Play, user: User) -> None:
    known = selectors.facts(user)
    for row in rows(user, play.adds, added_by=change):
        assert play.adds == "payoutaddresss" or counts(find(known, row.means_id), known)
    for row in rows(user, play.ends, suspended_by=change):
        assert row.revoked_at is not None
    if change.what == "password.changed":
        assert not selectors.holdings(user).password.replaced
    if change.what == "password.reset":
        assert known.password_unsettled, "until a sign-in with app or paper it is worth a mail code (R3)"


def rows(user: User, name: str, **of: Change):  # type: ignore[no-untyped-def]
    found = list(getattr(user, name).filter(**of)) if name else []
    assert bool(found) is bool(name), f"{name} of this change"
    return found


def find(known: Facts, means_id: str):  # type: ignore[no-untyped-def]
    return next(means for means in known.means if means.id == means_id)


def readable_in_both_languages(letters: list[OutboxMessage], play: Play) -> None:
    """And with a way to say "not me", but for what was just added: it has no say (R7)."""
    for letter in letters:
        texts = []
        for letter.language in ("ja", "en"):
            words = render(letter)
            texts.append(words.text or words.sms)
            say = "/not-me/" in texts[-1] if letter.channel == "mail" else "link" in letter.data
            assert say is (letter.to not in play.new_addresses), (letter.to, texts[-1])
        assert texts[0] != texts[1]


def at(moment: datetime, user: User, change: Change) -> datetime | None:
    """The sweep at this moment; when the change is final then."""
    with time_machine.travel(moment, tick=False):
        changes.complete_due(clock.now())
    change.refresh_from_db()
    return change.final_at


def security(user: User) -> str:
    """The page as its owner sees it, signed in anew."""
    client = deeds.browser()
    hands.sign_in(client, user)
    return client.get(reverse("security")).text


def shape(user: User) -> object:
    """Everything a "not me" has to restore, as values."""
    known, held = selectors.facts(user), selectors.holdings(user)
    means = {(m.id, m.confirmed_at, m.final_at, m.suspended, m.lost, m.reset) for m in known.means}
    payouts = {row.pk for row in held.payouts}
    rests = (known.number_changed_at, known.recovered_at, known.password_unsettled, known.ever_had_factor)
    return means, payouts, rests, user.password, user.email
