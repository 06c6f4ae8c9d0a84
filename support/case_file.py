"""The case file: everything an agent needs on one page, and only to whoever has it on the desk what is sealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts import clock, history
from accounts.models import Identity, SecurityEvent, User
from accounts.wording import moment
from policy.deeds import OpenCase, may
from policy.facts import Kind
from recovery import selectors as recovery
from recovery import wording as words
from recovery.models import Case
from support import judging, roles, wording
from support.models import Decision, Paper, Review
from support.models.paper import Document

_LATELY = timedelta(days=30)
_TROUBLE = ("claim.refused", "session.sign_in.throttled", "case.denied", "case.cancelled", "not_me.used")


@dataclass(frozen=True, slots=True)
class CaseFile:
    review: Review
    case: Case | None
    bar: str  # why this agent may not take it
    mine: bool  # on this agent's desk
    bars: dict[str, str]  # decision → why not
    papers: list[Paper] = field(default_factory=list)
    on_file: list[tuple[str, str]] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    risks: list[str] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def why(self) -> str:
        """Why this agent may not take it, in words."""
        return wording.bar(self.bar)

    @property
    def situation(self) -> str:
        return str(words.SITUATIONS.get(self.case.situation, "–")) if self.case else ""


def of(review: Review, agent: User) -> CaseFile:
    """What this agent may see of it. Sealed attributes and papers: on the desk alone (ASVS 8.2.2, 14.2.6)."""
    case, why = judging.case_of(review), judging.bar(review, agent)
    mine = not why and review.assigned_to_id == agent.pk
    identity = judging.identity_of(review, case)
    papers = list(judging.papers_of(review)) if roles.works(agent) and review.decided_at is None else []
    return CaseFile(
        review=review,
        case=case,
        bar=why,
        mine=mine,
        bars=_bars(review, agent) if mine else {},
        papers=papers,
        on_file=_attributes(identity) if mine and identity else [],
        proofs=_proofs(case) if case else [],
        risks=_risks(review, case, identity),
        decisions=[_decision(one) for one in review.decisions.select_related("agent").order_by("at")],
        events=_history(review.user),
    )


def _bars(review: Review, agent: User) -> dict[str, str]:
    """Why a decision is not open. That a paper is unseen is no reason here: the page is about to show it."""
    found = {what: judging.bar_beside(review, agent, what) for what in wording.DECISIONS}
    return {what: code for what, code in found.items() if code != "not_looked"}


def stations(file: CaseFile) -> list[dict[str, Any]]:
    """The review as a path: what is done, what is next, until when it is promised."""
    row = file.review
    steps: list[tuple[str, datetime | None]] = [
        (_("Handed to people"), row.queued_at),
        (_("First look"), row.first_look_at),
    ]
    last = row.decided_at if row.outcome == Review.Outcome.APPROVED else None
    if row.needs > 1:
        steps.append((_("One person agreed"), row.first_at))
    steps.append((_("A different person agreed") if row.needs > 1 else _("Put on file"), last))
    if row.what == Review.What.RECOVERY:
        steps.append((_("The wait, and time to stop it"), file.case.ready_at if file.case else None))
    found: list[dict[str, Any]] = []
    for title, at in steps:
        present = at is None and all(one["state"] == "done" for one in found) and row.decided_at is None
        found.append({"state": "done" if at and at <= clock.now() else "now" if present else "next", "title": title,
                      "at": at, "level": 3})  # fmt: skip
    if row.first_look_at is None and row.decided_at is None:
        found[1]["time"] = _("Promised by %(moment)s") % {"moment": moment(row.promised_at, zone=False)}
    if row.outcome in (Review.Outcome.DENIED, Review.Outcome.CLOSED):
        found.append({"state": "stopped", "title": wording.OUTCOMES[row.outcome], "at": row.decided_at, "level": 3})
    return found


def _attributes(identity: Identity) -> list[tuple[str, str]]:
    found = identity.attributes
    kinds: dict[str, Any] = dict(Document.choices)
    found["document"] = str(kinds.get(found.get("document", ""), found.get("document", "")))
    names = ("family", "given", "born", "document", "number", "expires")
    return [(str(wording.ATTRIBUTES[name]), found.get(name) or "–") for name in names]


def _proofs(case: Case) -> list[dict[str, Any]]:
    rows = case.proofs.order_by("shown_at")
    return [{"name": words.proved(Kind(row.kind)), "at": row.shown_at, "video": row.with_video} for row in rows]


def _risks(review: Review, case: Case | None, identity: Identity | None) -> list[str]:
    """What somebody who decides should know: facts, never a score."""
    found = []
    if identity and (count := judging.others(review.user, identity.number_digest)):
        found.append(_("The document on file is on file for %(count)s other accounts too.") % {"count": count})
    events = SecurityEvent.objects.filter(user=review.user, type__in=_TROUBLE, at__gte=clock.now() - _LATELY)
    kinds = list(events.values_list("type", flat=True))
    found += [f"{history.SENTENCES[kind]} ×{kinds.count(kind)}" for kind in _TROUBLE if kind in kinds]
    if case is not None and case.user_id:
        given = recovery.facts(case)
        found += words.reasons(may(OpenCase(), given).reasons)
        for at, text in _lately(review.user, given.now):
            found.append(f"{text} ({at:%Y-%m-%d})")
    return found


def _lately(user: User, now: datetime) -> list[tuple[datetime, str]]:
    moments = (
        (user.number_changed_at, _("The phone number was changed.")),
        (user.recovered_at, _("The account was recovered.")),
        (user.password_changed_at, _("The password was changed.")),
        (user.created_at, _("The account was created.")),
    )
    return [(at, text) for at, text in moments if at is not None and now - at < _LATELY]


def _decision(row: Decision) -> dict[str, Any]:
    lines = [
        f"{wording.ATTRIBUTES[name]}: {wording.ANSWERS[answer]}"
        for name, answer in row.checklist.items()
        if answer != judging.SAME
    ]
    return {
        "decided": wording.DECIDED[row.what],
        "by": row.agent.name or f"#{row.agent_id}",
        "why": wording.REASONS.get(row.reason, row.reason),
        "at": row.at,
        "lines": " · ".join(lines),
    }


def _history(user: User) -> list[dict[str, Any]]:
    rows, _more = history.page(user, before=None, important=False, size=12)
    return [{"at": row.at, "title": history.sentence(row)} for row in rows]


def queue(agent: User) -> list[dict[str, Any]]:
    """What waits for people, the longest first; what waits for the person last."""
    now = clock.now()
    rows = Review.objects.waiting().select_related("assigned_to", "user").order_by("asked_again_at", "queued_at")[:200]
    found = [
        {
            "review": row,
            "what": wording.WHAT[row.what],
            "age": now - row.queued_at,
            "late": row.is_late(now),
            "mine": row.assigned_to_id == agent.pk,
            "with": row.assigned_to.name if row.assigned_to and not judging.is_stale(row) else "",
            "lead": judging.for_lead(row),
            "second": row.first_by_id is not None,
            "turn": row.asked_again_at is not None,
            "own": row.user_id == agent.pk,
        }
        for row in rows
    ]
    return sorted(found, key=lambda one: one["turn"])
