"""The people of recovery's stories, and what a claimant does in a browser."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts import clock
from accounts.authenticators.totp import code_at, present_step
from accounts.models import Address, Challenge, OutboxMessage, Phone, SavedCode, SavedCodeSet, Totp, User
from recovery.models import Case
from recovery.services import claims, holds, requests

PASSWORD = "hanako no nagai kotoba"
SEED = b"01234567890123456789"
OLD, NEW, SECOND = "+819012345601", "+818011112222", "+817033334444"
CODES = [f"{index:04d}ABCDEFGH01234567" for index in range(10)]


def person(
    name: str = "hanako", *, mails: int = 1, phones: tuple[str, ...] = (OLD,), app: bool = True, sheet: bool = True
) -> User:
    """An account whose means were bound long ago and are final."""
    now = clock.now()
    long_ago, lately = now - timedelta(days=400), now - timedelta(days=30)
    user = User.objects.create_user(f"{name}@example.jp", PASSWORD, ever_had_factor=True, created_at=long_ago)
    for index in range(mails):
        mail = f"{name}@example.jp" if index == 0 else f"{name}+{index}@example.org"
        Address.objects.create(user=user, email=mail, key=mail, bound_at=long_ago, confirmed_at=lately)
    for number in phones:
        Phone.objects.create(user=user, number=number, bound_at=long_ago, confirmed_at=lately)
    if app:
        totp = Totp.objects.create(user=user, name="Pixel", bound_at=long_ago, confirmed_at=long_ago)
        totp.set_seed(SEED)
        totp.save()
    if sheet:
        row = SavedCodeSet.objects.create(user=user, bound_at=long_ago, confirmed_at=long_ago)
        SavedCode.objects.bulk_create(SavedCode(sheet=row, locator=c[:4], hash=make_password(c[4:])) for c in CODES)
    return user


def app_code(seed: bytes = SEED, steps: int = 0) -> str:
    return code_at(seed, present_step() + steps)


class Claimant:
    """A browser on the way back."""

    def __init__(self, *, situation: str = "new_number", email: str = "hanako@example.jp", phone: str = "") -> None:
        self.client = Client(headers={"accept-language": "en"})
        answer = self.client.post(f"/recovery/start/?situation={situation}", {"email": email, "phone": phone})
        assert answer.status_code == 302, answer.content.decode()
        self.url = answer.headers["Location"]
        self.reference = self.url.split("/")[-2]
        claims.resolve(self.case.pk)

    @property
    def case(self) -> Case:
        return Case.objects.get(reference=self.reference)

    def page(self) -> str:
        answer = self.client.get(self.url)
        assert answer.status_code == 200
        return answer.content.decode()

    def ask(self, method: str, to: str) -> None:
        """Have a code sent, and let the worker answer."""
        field = "email" if method == "email" else "phone"
        answer = self.client.post(f"{self.url}prove/{method}/", {field: to, "send": "1"})
        assert answer.status_code == 302, answer.content.decode()
        requests.sweep(clock.now(), 10)

    def prove(self, method: str, secret: str) -> int:
        """Show a proof; the status of the answer: 302 when it was right."""
        field = "password" if method == "password" else "code"
        return self.client.post(f"{self.url}prove/{method}/", {field: secret}).status_code

    def by_mail(self) -> int:
        return self.prove("email", self.code("email"))

    def code(self, method: str) -> str:
        return Challenge.objects.filter(scope=f"case:{self.reference}:{method}").latest("created_at").code

    def step(self, step: str, **data: str):  # type: ignore[no-untyped-def]
        return self.client.post(f"{self.url}rebind/", {"step": step, **data})

    def cookie(self) -> str:
        return self.client.cookies[settings.CASE_COOKIE_NAME].value


def letters_out(reference: str, to: str | None = None) -> None:
    """A gateway takes every letter of the case (or the one to this address), and the wait is told of it."""
    rows = OutboxMessage.objects.filter(case_reference=reference, status="queued")
    if to:
        rows = rows.filter(to=to)
    rows.update(status="sent", sent_at=clock.now())
    holds.settle_notice(reference)
