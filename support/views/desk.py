"""The documents page, the same for a claim and for an account: kind, one side at a time, a look at it, send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.context import ActorContext
from accounts.errors import Refused
from policy.rules import RULES
from support import paper_wording as wording
from support import vault
from support.evidence.faults import Fault
from support.folders import Folder
from support.forms import KindForm, PictureForm
from support.models import SIDES, Paper
from support.services import papers
from support.services.papers import Upload


@dataclass(frozen=True, slots=True)
class Desk:
    """Whose papers, who sends them, and where the pages are. `frame` is the template they stand in."""

    folder: Folder
    ctx: ActorContext
    here: str
    back: str
    after: str
    picture: Callable[[Paper], str]
    frame: str
    more: dict[str, Any]


def documents(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One question a page. Everything typed or sent before is kept; nothing goes to people before it was looked at."""
    if not desk.folder.is_open(desk.folder.review()):
        return redirect(desk.back)
    kind = request.GET.get("kind", "")
    if request.method == "POST":
        return _post(request, desk, kind)
    if kind in wording.KINDS:
        return _side_page(request, desk, PictureForm(), kind)
    if desk.folder.shown().document and "anew" not in request.GET:
        return _look_page(request, desk)
    form = KindForm(request.GET if "kind" in request.GET else None)
    return _page(request, desk, "support/papers/kind.html", {"form": form})


def _post(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    if "send" in request.POST:
        return redirect(desk.after if papers.send(desk.folder) else desk.here)
    if "anew" in request.POST:
        papers.take_back(desk.folder)
        return redirect(desk.here)
    if kind not in wording.KINDS:
        return redirect(desk.here)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        came = papers.receive(desk.folder, kind, _side(request, kind), Upload(file.read(), file.name), desk.ctx)
        if isinstance(came, Paper):
            return redirect(desk.here)
        form.add_error("file", refused_text(came))
    return _side_page(request, desk, form, kind)


def refused_text(refused: Refused | Fault) -> str:
    """Why a file was not taken."""
    return wording.fault_text(refused) if isinstance(refused, Fault) else wording.upload_refused(refused)


def _side(request: HttpRequest, kind: str) -> str:
    asked = request.GET.get("side", "")
    return asked if asked in SIDES[kind] else SIDES[kind][0]


def _side_page(request: HttpRequest, desk: Desk, form: PictureForm, kind: str) -> HttpResponse:
    side = _side(request, kind)
    sides = SIDES[kind]
    page = {
        "form": form,
        "kind": kind,
        "side": side,
        "title": wording.side_name(kind, side),
        "about": wording.KINDS[kind],
        "number": sides.index(side) + 1,
        "count": len(sides),
    }
    return _page(request, desk, "support/papers/side.html", page)


def _look_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What we drew of it, to be looked at before it is sent."""
    shown = desk.folder.shown()
    page = {
        "shown": shown,
        "tiles": [tile(desk, row) for row in shown.papers],
        "missing": shown.missing[0] if shown.missing else "",
        "missing_name": wording.side_name(shown.document, shown.missing[0]) if shown.missing else "",
        "refused": any(row.state == Paper.State.REFUSED for row in shown.papers),
    }
    return _page(request, desk, "support/papers/look.html", page)


def tile(desk: Desk, row: Paper) -> dict[str, Any]:
    """One picture, how far it has come, and how to take it again."""
    state, tone = wording.STATES[row.state]
    seen = row.state == Paper.State.CHECKED and row.handed_at is None
    pages = _("%(count)d pages; the first is shown.") % {"count": row.pages} if row.pages > 1 else ""
    return {
        "title": wording.side_name(row.document, row.side),
        "state": state,
        "tone": tone,
        "image_url": desk.picture(row) if seen else "",
        "alt": _("What you sent, as we drew it anew"),
        "reason": wording.fault_text(row.fault),
        "note": pages,
        "action_url": f"{desk.here}?kind={row.document}&side={row.side}" if row.state != Paper.State.RECEIVED else "",
        "action_label": _("Take another photo"),
    }


def _page(request: HttpRequest, desk: Desk, template: str, page: dict[str, Any]) -> HttpResponse:
    common = {"desk": desk, "frame": desk.frame, "rules": RULES, "claim": desk.folder.case is not None}
    return render(request, template, {**desk.more, **common, **page})


def picture(folder: Folder, paper: UUID, page: int) -> HttpResponse:
    """The person's own paper as we drew it, before it was handed on; nobody else's, and never what came.

    Attack stopped: a stranger's file shown from our own address (CWE-79): it is a fresh JPEG and nothing can run.
    """
    row = folder.rows().filter(pk=paper, state=Paper.State.CHECKED, kind__in=("jpeg", "png", "pdf")).first()
    if row is None or row.handed_at is not None or not 1 <= page <= row.pages:
        raise Http404
    response = HttpResponse(vault.get(row.pk, str(page)), content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response
