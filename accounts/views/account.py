"""The account's first page and its security page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import assurance, selectors
from accounts.requests import SignedInRequest
from accounts.views import pending, rows, standing


@never_cache
@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """What rests until when and why, what is best done next, and what is bound, in short."""
    held = selectors.holdings(request.user)
    facts = selectors.facts_of(held, session=assurance.session_facts(request))
    page = {
        "hold": standing.hold(facts),
        "pending": standing.pending(held),
        "step": standing.next_step(held, facts),
        "rows": [{**row, "actions": [], "added": None, "used": None} for row in _rows(held, facts)],
    }
    return render(request, "accounts/account/account.html", page)


@never_cache
@require_safe
def security(request: SignedInRequest) -> HttpResponse:
    """Everything bound, how it stands, and the changes that can still be undone."""
    held = selectors.holdings(request.user)
    facts = selectors.facts_of(held, session=assurance.session_facts(request))
    page = {"hold": standing.hold(facts), "pending": pending.paths(held), "groups": _groups(held, facts)}
    return render(request, "accounts/account/security.html", page)


def _groups(held: selectors.Holdings, facts: standing.Facts) -> list[dict[str, object]]:
    apps = [standing.losable(row, held, rows.app(row, held)) for row in held.totps if row.confirmed_at]
    keys = [standing.losable(row, held, rows.passkey(row, held)) for row in held.passkeys]
    numbers = [row for row in held.phones if row.confirmed_at and not row.weak]
    contacts = [
        {**rows.phone(row, held), "state": _("Contact only"), "tone": "quiet"} for row in held.phones if row.weak
    ]
    return [
        {
            "title": _("Password and authenticators"),
            "rows": [standing.password(held, facts), *apps, *keys],
        },
        {
            "title": _("On paper"),
            "rows": [rows.sheet(row, held) for row in held.sheets if row.confirmed_at],
            "missing": ("recovery_codes", _("No recovery codes yet"), _("Make codes")),
        },
        {
            "title": _("Phone numbers"),
            "rows": [*(standing.losable(row, held, rows.phone(row, held)) for row in numbers), *contacts],
            "missing": ("phone_change", _("No number yet. An app does the same without one."), _("Add a number")),
        },
        {
            "title": _("Email addresses"),
            "rows": [standing.address(row, held) for row in held.addresses if row.confirmed_at],
            "manage": ("addresses", _("Manage addresses")),
        },
    ]


def _rows(held: selectors.Holdings, facts: standing.Facts) -> list[dict[str, object]]:
    return [row for group in _groups(held, facts) for row in group["rows"]]  # type: ignore[attr-defined]
