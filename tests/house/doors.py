"""One person's whole account and case, and browsers that stand before every door of the portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from accounts import browser_cookie, clock
from accounts.models import Address, KnownBrowser, PayoutAddress, User, Withdrawal
from accounts.services import links
from accounts.services.verify import Verified
from policy.acts import STEP_UP_KINDS
from policy.facts import Kind
from recovery.services import cases
from support import vault
from support.models import Paper
from tests.accounts.hands import sign_in, step_up
from tests.passkeys import passkey_of
from tests.recovery import people

ROLES = ("anonymous", "claimant", "owner", "other")
NOBODYS = "00000000-0000-0000-0000-000000000000"


@dataclass
class Doors:
    """hanako owns, taro is somebody else; the claimant's browser holds a case of hanako's and is not signed in."""

    hanako: User
    taro: User
    reference: str
    clients: dict[str, Client]
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    def path(self, name: str) -> str:
        return reverse(name, kwargs=self.objects.get(name, {}))

    def answer(self, role: str, name: str, method: str = "get") -> str:
        """What this browser gets at this door: a status, or the name of the page it is sent to."""
        response = getattr(self.clients[role], method)(self.path(name))
        if response.status_code in (301, 302, 303):
            return f"→ {resolve(response.headers['Location'].split('?')[0]).url_name}"
        return str(response.status_code)


def url_names() -> set[str]:
    """Every door of the portal, from the resolver itself."""
    found: set[str] = set()

    def walk(resolver: URLResolver, space: str = "") -> None:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                assert entry.name, f"{entry.pattern} has no name, so no table can hold it"
                found.add(space + entry.name)
            else:
                walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space)

    walk(get_resolver())
    return found


def build(*, stepped_up: bool = False) -> Doors:
    """hanako with everything bound and a payout; with `stepped_up` her session has a fresh proof for every deed."""
    hanako = people.person("hanako", mails=2, phones=(people.OLD, people.SECOND))
    taro = people.person("taro", phones=("+819099998888",), sheet=False)
    clients = {role: Client(headers={"accept-language": "en"}) for role in ROLES}
    claimant = people.Claimant()
    clients["claimant"] = claimant.client
    enter(clients["owner"], hanako, stepped_up=stepped_up)
    enter(clients["other"], taro, stepped_up=stepped_up)
    doors = Doors(hanako, taro, claimant.reference, clients)
    doors.objects = things(hanako, claimant)
    return doors


def enter(client: Client, user: User, *, stepped_up: bool) -> None:
    app = Verified(Kind.TOTP, user.totps.get().means_id)
    sign_in(client, user, Verified(Kind.PASSWORD, "password"), app)
    for deed in STEP_UP_KINDS if stepped_up else ():
        step_up(client, app, deed)


def ready(doors: Doors) -> None:
    """Bring the claimant's case to the point where it may be rebound: app and paper lie in two places."""
    claimant = people.Claimant.__new__(people.Claimant)
    claimant.client, claimant.reference = doors.clients["claimant"], doors.reference
    claimant.url = reverse("case", args=[doors.reference])
    assert claimant.prove("saved-code", people.CODES[3]) == 302
    assert claimant.prove("password", people.PASSWORD) == 302
    cases.sweep()
    assert claimant.case.state == "ready"


def things(user: User, claimant: people.Claimant) -> dict[str, dict[str, Any]]:
    """What the doors with a variable part lead to: hanako's own."""
    now, long_ago = clock.now(), clock.now() - timedelta(days=90)
    payout = PayoutAddress.objects.create(
        user=user, name="wallet", address="bc1q" + "x" * 30, bound_at=long_ago, confirmed_at=long_ago
    )
    made = Withdrawal.objects.create(user=user, payout=payout, amount="0.25", made_at=now)
    pending = Address.objects.create(user=user, email="new@example.jp", key="new@example.jp", bound_at=now)
    number = user.phones.create(number="+818055556666", bound_at=now)
    app, phone = user.totps.get().pk, user.phones.order_by("pk").first().pk
    address = Address.objects.filter(user=user).order_by("pk")[1].pk
    not_me = links.make("not_me", user=user, subject="test", to=user.email, life=timedelta(days=10))
    reset = links.make("password_reset", user=user, subject="test", to=user.email, life=timedelta(hours=1))
    resume = links.make(
        "resume", user=user, subject=f"case:{claimant.reference}", to=user.email, life=timedelta(days=1)
    )
    elsewhere = Client()
    enter(elsewhere, user, stepped_up=False)
    browser = KnownBrowser.objects.create(
        user=user,
        digest=browser_cookie.digest(browser_cookie.fresh()),
        first_seen=long_ago,
        last_used=now,
        expires_at=now + timedelta(days=180),
    )
    case = {"reference": claimant.reference}
    kind = {"kind": "totp", "pk": app}
    passkey = passkey_of(user).pk
    return {
        "phone_remove": {"pk": phone},
        "session_end": {"public_id": elsewhere.session["public_id"]},
        "browser_forget": {"pk": browser.pk},
        "authenticator_found": kind,
        "authenticator_lost": kind,
        "address_code": {"pk": pending.pk},
        "address_remove": {"pk": address},
        "address_primary": {"pk": address},
        "withdrawal_made": {"pk": made.pk},
        "password_reset": {"token": reset.token},
        "not_me_link": {"token": not_me.token},
        "standing": {"subject": user.subject},
        "authenticators_add": {"kind": "totp"},
        "authenticators_add_code": {"pk": number.pk},
        **{name: {"pk": app} for name in ("authenticator", "authenticator_rename", "authenticator_backed_up")},
        "authenticator_remove": {"pk": app},
        **{name: {"pk": passkey} for name in ("passkey", "passkey_rename", "passkey_remove")},
        **dict.fromkeys(("case", "case_rebind", "case_codes", "case_cancel", "case_resume_ask"), case),
        "case_calendar": case,
        **dict.fromkeys(("support_case", "support_documents", "support_video"), case),
        "support_page": {**case, "paper": paper_of(reference=claimant.reference).pk, "page": 1},
        "identity_page": {"paper": paper_of(user=user).pk, "page": 1},
        "sms_status": {"gateway": "sms.example.jp"},
        "case_prove": {**case, "method": "totp"},
        "case_resume": {**case, "token": resume.token},
        "agents:review": {"pk": NOBODYS},
        "agents:review_deed": {"pk": NOBODYS, "deed": "take"},
        "agents:paper": {"paper": NOBODYS, "page": 1},
        "dev_letter": {"message_id": "00000000-0000-0000-0000-000000000000"},
        "dev_letter_html": {"message_id": "00000000-0000-0000-0000-000000000000"},
    }


def paper_of(*, user: User | None = None, reference: str = "") -> Paper:
    """A passport that was sent and drawn anew, and is not handed on yet."""
    now = clock.now()
    purpose = Paper.Purpose.FILE if user else Paper.Purpose.RECOVERY
    row = Paper.objects.create(
        user=user, case_reference=reference, purpose=purpose, document="passport", side="front", kind="jpeg",
        state=Paper.State.CHECKED, pages=1, received_at=now, destroy_at=now + timedelta(hours=1),
    )  # fmt: skip
    vault.put(row.pk, "1", b"a page")
    return row


assert settings.TESTING, "these people exist for tests alone"
