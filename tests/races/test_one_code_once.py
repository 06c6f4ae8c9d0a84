"""One code, two sessions, one instant: exactly one success, 200 times a kind (pitfalls P1, P2, P4)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts import clock
from accounts.authenticators import totp
from accounts.context import ActorContext
from accounts.errors import Refused
from accounts.models import Address, Challenge, LimitCounter, Phone, SavedCode, SavedCodeSet, Totp, User
from accounts.services import challenges
from accounts.services.verify import Verified, verify

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TRIES = 200
CTX = ActorContext("anonymous", "")
SCOPE = "sign_in:race"
SEED, SAVED = b"12345678901234567890", "7K3M9QX2AAAABBBBCCCC"


@pytest.fixture
def hanako() -> User:
    now = clock.now()
    user = User.objects.create_user("hanako@example.jp", "a quiet sea and nine cats", ever_had_factor=True)
    Address.objects.create(user=user, email=user.email, key=user.email_key, bound_at=now, confirmed_at=now)
    Phone.objects.create(user=user, number="+819012345678", bound_at=now, confirmed_at=now)
    app = Totp.objects.create(user=user, bound_at=now, confirmed_at=now)
    app.set_seed(SEED)
    app.save()
    sheet = SavedCodeSet.objects.create(user=user, bound_at=now, confirmed_at=now)
    SavedCode.objects.create(sheet=sheet, locator=SAVED[:4], hash=make_password(SAVED[4:]))
    return user


def app_code(user: User) -> str:
    Totp.objects.update(last_step=-1)
    return totp.code_at(SEED, totp.present_step())


def saved_code(user: User) -> str:
    SavedCode.objects.update(used_at=None)
    return SAVED


def sent_code(channel: str) -> Callable[[User], str]:
    def send(user: User) -> str:
        LimitCounter.objects.all().delete()
        Challenge.objects.all().update(created_at=clock.now() - timedelta(hours=1))
        means = Phone.objects.get() if channel == "sms" else Address.objects.get()
        to = means.number if isinstance(means, Phone) else means.email
        sent = challenges.issue("sign_in", SCOPE, channel, to, ctx=CTX, user=user, means_id=means.means_id)
        assert isinstance(sent, Challenge)
        return sent.code

    return send


class TwoSessions:
    """Two threads that post the same code at one instant, again and again."""

    def __init__(self, post: Callable[[str], Verified | Refused]) -> None:
        self.post, self.code, self.outcomes = post, "", []
        self.meet = threading.Barrier(3, timeout=30)
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def race(self, code: str) -> list[Verified | Refused]:
        self.code, self.outcomes = code, []
        self.meet.wait()
        self.meet.wait()
        return self.outcomes

    def end(self) -> None:
        self.race("")
        for thread in self.threads:
            thread.join()

    def _run(self) -> None:
        try:
            while True:
                self.meet.wait()
                code = self.code
                if code:
                    self.outcomes.append(self.post(code))
                self.meet.wait()
                if not code:
                    return
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("method", "fresh"),
    [("totp", app_code), ("saved-code", saved_code), ("sms", sent_code("sms")), ("email", sent_code("mail"))],
)
def test_a_code_posted_twice_at_one_instant_serves_once(
    hanako: User, method: str, fresh: Callable[[User], str]
) -> None:
    sessions = TwoSessions(lambda code: verify(hanako, method, code, purpose="sign_in", scope=SCOPE, ctx=CTX))
    for _ in range(TRIES):
        code = fresh(hanako)
        LimitCounter.objects.all().delete()
        outcomes = sessions.race(code)
        assert [isinstance(one, Verified) for one in outcomes].count(True) == 1, outcomes
        assert len(outcomes) == 2
    sessions.end()


def test_a_limit_holds_against_a_burst(hanako: User) -> None:
    LimitCounter.objects.all().delete()
    threads = [threading.Thread(target=guess, args=(hanako,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Totp.objects.get().failures_in_row <= 5


def guess(user: User) -> None:
    try:
        verify(user, "totp", "000000", purpose="sign_in", scope=SCOPE, ctx=CTX)
    finally:
        connection.close()
