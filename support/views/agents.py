"""The agents' pages: the queue, the case file with its deeds, and the one view through which papers are seen."""

from __future__ import annotations

import re
from uuid import UUID

from csp.constants import SELF
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from support import case_file, figures, judging, roles, vault, wording
from support.entry import acting, agent_of, agents_only
from support.forms import DecisionForm, name_of
from support.models import Paper, Review
from support.models.paper import Document
from support.services import reviews

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def queue(request: HttpRequest) -> TemplateResponse:
    """What waits, the longest first, and how long people wait."""
    page = {"queue": case_file.queue(agent_of(request)), "figures": figures.of_reviews()}
    return TemplateResponse(request, "support/agents/queue.html", page)


@require_safe
def review(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The case file. Whoever has it on the desk and opens it has looked at it; its person sees that."""
    row = _review(request, pk)
    return _page(request, row, None)


@sensitive_post_parameters()
@require_POST
def deed(request: HttpRequest, pk: UUID, deed: str) -> HttpResponse:
    """Take, release, decide. The service judges; the page only says what it said (pitfall P42)."""
    row = _review(request, pk)
    if not roles.works(agent_of(request)):
        raise PermissionDenied
    if deed == "decide":
        return _decide(request, row)
    if deed == "take":
        done: object = reviews.take(row, agent_of(request), acting(request))
    elif deed == "release":
        done = reviews.release(row, agent_of(request), acting(request))
    else:
        raise Http404
    if isinstance(done, Refused):
        messages.error(request, wording.bar(done.detail))
    return redirect("agents:index") if deed == "release" else redirect("agents:review", pk)


def _review(request: HttpRequest, pk: UUID) -> Review:
    row = get_object_or_404(Review.objects.select_related("user", "assigned_to"), pk=pk)
    if row.user_id == agent_of(request).pk:
        raise PermissionDenied  # nobody looks from here into what is decided about himself
    return row


def _decide(request: HttpRequest, row: Review) -> HttpResponse:
    form = DecisionForm(request.POST, review=row, papers=list(judging.papers_of(row)))
    if form.is_valid():
        done = reviews.decide(row, agent_of(request), form.given(), acting(request))
        if not isinstance(done, Refused):
            messages.success(request, str(wording.DECIDED[done.what]))
            return redirect("agents:index")
        form.add_error(None, wording.bar(done.detail) or wording.bar("case_over"))
    return _page(request, row, form)


def _page(request: HttpRequest, row: Review, form: DecisionForm | None) -> HttpResponse:
    found = case_file.of(row, agent_of(request))
    if found.mine:
        reviews.look(row, agent_of(request), acting(request))
        form = form or DecisionForm(review=row, papers=found.papers)
        form.bars = found.bars
    page = {"file": found, "review": row, "form": form, "stations": case_file.stations(found)}
    page["tiles"] = [{"paper": one, "name": name_of(one), "pages": range(1, one.pages + 1),
                      "video": one.document == Document.VIDEO} for one in found.papers]  # fmt: skip
    response = render(request, "support/agents/review.html", page)
    response._csp_update = {"media-src": [SELF]}  # type: ignore[attr-defined]
    return response


@agents_only
@require_safe
def paper(request: HttpRequest, paper: UUID, page: int) -> HttpResponse:
    """One page of one paper, to the agent who has its review on the desk; written down where its person reads it.

    Attacks stopped: papers open to whoever guesses an address, to agents who are curious, and to a browser's cache;
    a file that would act as a page (pitfall P43; ASVS 5.4.1, 8.2.2, 14.3.2).
    """
    if not roles.works(agent_of(request)):
        raise PermissionDenied
    row = _on_desk(request, paper, page)
    try:
        data = vault.get(row.pk, str(page))
    except FileNotFoundError as gone:
        raise Http404 from gone
    video = row.document == Document.VIDEO
    response = _ranged(request, data) if video else HttpResponse(data)
    if response.status_code == 200 or response.headers["Content-Range"].startswith("bytes 0-"):
        reviews.opened(row, page, agent_of(request), acting(request))
    response["Content-Type"] = f"video/{row.kind}" if video else "image/jpeg"
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _on_desk(request: HttpRequest, key: UUID, page: int) -> Paper:
    """The paper, if it lies in a review on this agent's desk and is there; else it does not exist."""
    row = Paper.objects.select_related("user").filter(pk=key, pages__gte=page).first() if page else None
    review = judging.review_of(row) if row else None
    if row is None or review is None or review.assigned_to_id != agent_of(request).pk:
        raise Http404
    if judging.bar(review, agent_of(request)) or not judging.papers_of(review).filter(pk=key).exists():
        raise Http404
    return row


def _ranged(request: HttpRequest, data: bytes) -> HttpResponse:
    """A video in parts, so that it can be wound (RFC 9110 §14)."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked is None:
        response = HttpResponse(data)
    else:
        first = int(asked[1])
        last = min(int(asked[2] or len(data) - 1), len(data) - 1)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        response = HttpResponse(data[first : last + 1], status=206)
        response["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    response["Accept-Ranges"] = "bytes"
    return response
