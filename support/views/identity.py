"""Identity on file: what it is, what was sent and how far it has come, who looked at it, until when it is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import assurance, clock, context, history
from accounts.errors import Refused
from accounts.models import Identity, SecurityEvent
from accounts.refusals import refusal_text
from accounts.requests import SignedInRequest
from accounts.services import changes
from accounts.services import identity as service
from policy.deeds import FileIdentity, RemoveAuthenticator, step_up_kind
from policy.rules import RULES
from support import folders
from support import paper_wording as wording
from support.folders import Folder, Shown
from support.models import Document, Paper, Review
from support.uploads import takes_file
from support.views import desk as desks
from support.views.desk import Desk

FILE, REMOVE = step_up_kind(FileIdentity()), step_up_kind(RemoveAuthenticator(""))


@never_cache
@require_safe
@assurance.step_up_required(FILE)
def identity(request: SignedInRequest) -> HttpResponse:
    """What is on file, in words: enough to know it again, never the whole number."""
    folder = folders.of_account(request.user)
    shown, review = folder.shown(), folder.review()
    row = service.on_file(request.user)
    page = {
        "on_file": _on_file(row) if row else None,
        "stage": _stage(folder, shown, review),
        "review": review,
        "place": folders.place(review) if review else 0,
        "shown": shown,
        "papers": [_row(paper) for paper in Paper.objects.filter(user=request.user).order_by("-received_at")[:12]],
        "seen": _seen(request),
        "rules": RULES,
    }
    return render(request, "support/identity.html", page)


def _on_file(row: Identity) -> dict[str, Any]:
    known = row.attributes
    number = known.get("number", "")
    kinds = dict(Document.choices)
    return {
        "row": row,
        "name": " ".join(part for part in (known.get("family", ""), known.get("given", "")) if part),
        "document": kinds.get(known.get("document", ""), _("Not said")),
        "number": f"•••• {number[-3:]}" if len(number) > 5 else "",
        "expires": known.get("expires", ""),
        "from_host": row.source == Identity.Source.HOST,
        "final_at": row.final_at(clock.now()),
    }


def _stage(folder: Folder, shown: Shown, review: Review | None) -> str:
    """Who must act next, in one word."""
    if review is not None and review.decided_at is None:
        return "again" if review.asked_again_at else "queue"
    if shown.sent:
        return "checking" if any(row.handed_at is None for row in shown.papers) else ""
    return "documents" if shown.document else ""


def _row(row: Paper) -> dict[str, Any]:
    state, tone = wording.STATES[row.state]
    return {
        "name": wording.side_name(row.document, row.side),
        "state": state,
        "tone": tone,
        "at": row.received_at,
        "destroy_at": row.destroy_at if row.destroyed_at is None else None,
        "destroyed_at": row.destroyed_at,
        "why": wording.fault_text(row.fault) or str(wording.WHY_DESTROYED.get(row.destroyed_why, "")),
        "digest": row.destroyed_digest[:16],
    }


def _seen(request: SignedInRequest) -> list[dict[str, Any]]:
    """Who has looked at papers and identity, and what was decided: from the history, newest first."""
    about = ("paper.", "identity.", "review.")
    found = SecurityEvent.objects.filter(user=request.user, type__regex=rf"^({'|'.join(about)})").order_by("-pk")[:20]
    return [{"at": event.at, "what": history.sentence(event), "where": history.place(event)} for event in found]


@takes_file(RULES.file_bytes)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(FILE)
def documents(request: SignedInRequest) -> HttpResponse:
    """Send papers to be put on file. The service of the policy is asked again at every step (ASVS 7.5.3)."""
    asked = changes.ask(request.user, FileIdentity(), assurance.session_facts(request))
    if isinstance(asked, Refused):
        messages.error(request, refusal_text(asked))
        return redirect("identity")
    return desks.documents(request, _desk(request))


def _desk(request: SignedInRequest) -> Desk:
    return Desk(
        folders.of_account(request.user),
        context.from_request(request),
        here=reverse("identity_documents"),
        back=reverse("identity"),
        after=reverse("identity"),
        picture=lambda row: reverse("identity_page", args=[row.pk, 1]),
        frame="base_account.html",
        more={},
    )


@never_cache
@require_safe
@assurance.step_up_required(FILE)
def picture(request: SignedInRequest, paper: UUID, page: int) -> HttpResponse:
    """A page of one's own paper."""
    return desks.picture(folders.of_account(request.user), paper, page)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@assurance.step_up_required(REMOVE)
def remove(request: SignedInRequest) -> HttpResponse:
    """Say what removing does, then do it."""
    row = service.on_file(request.user)
    if row is None:
        raise Http404
    session = assurance.session_facts(request)
    asked = changes.ask(request.user, RemoveAuthenticator(row.means_id), session)
    if request.method == "POST":
        ctx, keep = context.from_request(request), request.session.session_key
        removed = changes.remove_means(request.user, row, session=session, keep=keep, ctx=ctx)
        if isinstance(removed, Refused):
            messages.error(request, refusal_text(removed))
        else:
            assurance.refresh(request, request.user)
            messages.success(request, _("It is no longer on file. All your addresses are being told."))
        return redirect("identity")
    page = {"verdict": asked, "reason": refusal_text(asked) if isinstance(asked, Refused) else ""}
    return render(request, "support/identity_remove.html", page)
