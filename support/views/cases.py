"""Papers in a recovery, in the open: what was sent, the place in the queue, the promise, who must act (product §6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.middleware import permissions
from policy.rules import RULES
from recovery.models import Case
from recovery.states import State
from recovery.views.holder import LINK, case_page, claimant
from support import folders, words
from support import paper_wording as wording
from support.evidence.faults import Fault
from support.folders import Folder, Shown
from support.forms import VideoForm
from support.models import Document, Paper, Review
from support.services import papers
from support.services.papers import Upload
from support.uploads import takes_file
from support.views import desk as desks
from support.views.desk import Desk, refused_text


@require_safe
@case_page
def case(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """Where the papers of this recovery are. The same for everybody until people have them."""
    folder = folders.of_claim(case)
    shown, review = folder.shown(), folder.review()
    page = {
        "case": case,
        "by_link": grade == LINK,
        "stage": stage(case, folder, shown, review),
        "shown": shown,
        "papers": [_row(row) for row in (*shown.papers, shown.video) if row is not None],
        "review": review,
        "place": folders.place(review) if review else 0,
        "rules": RULES,
    }
    return render(request, "support/case.html", page)


def stage(case: Case, folder: Folder, shown: Shown, review: Review | None) -> str:
    """Who must act next, in one word."""
    if case.state not in (State.OPENED, State.PROVING, State.IN_REVIEW) or case.is_over(clock.now()):
        return "elsewhere"
    if review is not None and review.decided_at is None:
        return "again" if review.asked_again_at else "queue"
    if shown.sent and shown.filmed:
        return "checking"
    if folder.refused_unseen():
        return "refused"
    if not shown.sent:
        return "documents"
    return "checking" if shown.video and shown.video.state == Paper.State.RECEIVED else "video"


def _row(row: Paper) -> dict[str, Any]:
    state, tone = wording.STATES[row.state]
    return {
        "name": wording.side_name(row.document, row.side),
        "state": state,
        "tone": tone,
        "reason": wording.fault_text(row.fault),
        "destroy_at": row.destroy_at if row.destroyed_at is None else None,
    }


@takes_file(RULES.file_bytes)
@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def documents(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """Send the documents. Not by a mailed link, which only shows (R12)."""
    if grade == LINK:
        return redirect("support_case", case.reference)
    return desks.documents(request, _desk(request, case))


def _desk(request: HttpRequest, case: Case) -> Desk:
    key = [case.reference]
    return Desk(
        folders.of_claim(case),
        claimant(request),
        here=reverse("support_documents", args=key),
        back=reverse("support_case", args=key),
        after=reverse("support_video", args=key),
        picture=lambda row: reverse("support_page", args=[case.reference, row.pk, 1]),
        frame="base.html",
        more={"case": case},
    )


@require_safe
@case_page
def picture(request: HttpRequest, case: Case, grade: str, paper: UUID, page: int) -> HttpResponse:
    """A page of what was sent, for who sent it."""
    folder = folders.of_claim(case)
    return desks.picture(folder, paper if grade != LINK else UUID(int=0), page)


@csp_update({"media-src": [SELF, "blob:"]})
@takes_file(RULES.video_bytes)
@require_http_methods(["GET", "HEAD", "POST"])
@case_page
def video(request: HttpRequest, case: Case, grade: str) -> HttpResponse:
    """Ten to twenty seconds in which the person says the reference and three words that are new."""
    folder = folders.of_claim(case)
    if grade == LINK or not folder.is_open(folder.review()):
        return redirect("support_case", case.reference)
    form = VideoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        came = _take(request, case, folder, form)
        if isinstance(came, Paper):
            return redirect("support_case", case.reference)
        form.add_error("file", refused_text(came))
    return _video_page(request, case, form)


def _take(request: HttpRequest, case: Case, folder: Folder, form: VideoForm) -> Any:
    said = words.said(case.reference, form.cleaned_data["words"])
    if said is None:
        return Fault.WORDS_OLD
    file = form.cleaned_data["file"]
    about = {"words": said[0], "live": form.cleaned_data["live"]}
    return papers.receive(folder, Document.VIDEO, "", Upload(file.read(), file.name), claimant(request), **about)


def _video_page(request: HttpRequest, case: Case, form: VideoForm) -> HttpResponse:
    """After an error the same words, while they count: what was recorded with them is not lost."""
    token = str(form.data.get("words", "")) if form.is_bound else ""
    kept = words.said(case.reference, token)
    if kept is None:
        text, token = words.fresh(case.reference, translation.get_language() or "ja")
        until = clock.now() + RULES.video_words_life
    else:
        text, until = kept
    page = {"case": case, "form": form, "words": text.split(), "token": token, "until": until, "rules": RULES}
    response = render(request, "support/papers/video.html", page)
    response["Permissions-Policy"] = permissions("camera", "microphone")
    return response
