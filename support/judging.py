"""What an agent may do with a review, and if not, why: one answer for the services and for the buttons of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts import clock, crypto
from accounts.models import Address, Identity, PayoutAddress, Phone, SecurityEvent, User
from policy.facts import Kind
from policy.rules import RULES
from recovery.models import Case
from recovery.states import State
from support import roles
from support.models import Decision, Paper, Review

What = Decision.What
SAME, DIFFERS, UNREADABLE = "same", "differs", "unreadable"
ANSWERS = (SAME, DIFFERS, UNREADABLE)
#: What is compared, in the order of the page. A face can be compared only where a person asks to come back (video).
ATTRIBUTES = ("family", "given", "born", "number", "expires", "face")
#: Papers that differ in one of these, or do not show it, carry nothing (SP 800-63A-4 IAL2 core attributes).
CORE = frozenset(ATTRIBUTES) - {"expires"}
TYPED = ("family", "given", "born", "number")
REASONS: dict[str, tuple[str, ...]] = {
    What.APPROVE: ("all_fits", "renewed"),
    What.ASK_AGAIN: ("glare", "blurred", "cut_off", "wrong_document", "out_of_date", "video_unclear", "video_words"),
    What.DENY: ("another_person", "not_genuine", "not_the_face", "still_unclear"),
    What.ESCALATE: ("unsure", "two_accounts", "pressure"),
    What.FLAG_FRAUD: ("not_genuine", "stolen_papers", "for_another", "told_what_to_do"),
}
_FINAL = frozenset({What.APPROVE, What.DENY})


@dataclass(frozen=True, slots=True)
class Given:
    """A decision as an agent gave it: coded, nothing in free text."""

    what: str
    reason: str
    checklist: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)  # read from papers that are put on file
    paper: Paper | None = None  # ask again for this one


def case_of(review: Review) -> Case | None:
    """The recovery it is about; None for papers put on file."""
    return Case.objects.filter(reference=review.case_reference).first() if review.case_reference else None


def papers_of(review: Review) -> QuerySet[Paper]:
    """What lies before the agents: sent and handed to them, and not destroyed."""
    handed = Paper.objects.filter(state=Paper.State.CHECKED, handed_at__isnull=False)
    there = handed.filter(destroyed_at=None, destroy_at__gt=clock.now())
    if review.what == Review.What.RECOVERY:
        return there.filter(case_reference=review.case_reference).order_by("received_at")
    return there.filter(user=review.user_id, purpose=Paper.Purpose.FILE).order_by("received_at")


def review_of(paper: Paper) -> Review | None:
    """The waiting review in which this paper lies."""
    waiting = Review.objects.waiting().select_related("user")
    if paper.purpose == Paper.Purpose.RECOVERY:
        found = waiting.filter(what=Review.What.RECOVERY, case_reference=paper.case_reference)
        return found.exclude(case_reference="").first()
    return waiting.filter(what=Review.What.FILING, user=paper.user_id).first()


def identity_of(review: Review, case: Case | None) -> Identity | None:
    """What the papers are compared with: the identity that was shown in the case, or what is on file already."""
    if case is None:
        standing = Identity.objects.standing().filter(user=review.user_id, suspended_by=None)
        return standing.order_by("-pk").first()
    shown = case.proofs.filter(kind=Kind.IDENTITY.value).first()
    return Identity.objects.filter(user=review.user_id, pk=shown.means_id.split(":")[1]).first() if shown else None


def asked(review: Review, papers: bool) -> tuple[str, ...]:
    """Which attributes have to be compared; none where people judge a case without papers."""
    if not papers:
        return ()
    return ATTRIBUTES if review.what == Review.What.RECOVERY else ATTRIBUTES[:-1]


def related(agent: User, user: User) -> bool:
    """Do both accounts share a number, an address or a payout address? Then a colleague decides (ASVS 2.3.5)."""
    pairs: tuple[tuple[Any, str], ...] = ((Phone, "number"), (Address, "key"), (PayoutAddress, "address"))
    for model, column in pairs:
        rows = model.objects.standing()
        if rows.filter(user=agent, **{f"{column}__in": rows.filter(user=user).values(column)}).exists():
            return True
    return False


def free(agent: User) -> Q:
    """Reviews nobody else holds. Who took one and went home holds it no longer than a session lives."""
    stale = Q(assigned_at__lte=clock.now() - RULES.agent_session_absolute)
    return Q(assigned_to=None) | Q(assigned_to=agent) | stale


def is_stale(review: Review) -> bool:
    """Taken longer ago than an agent's session lives."""
    return review.assigned_at is not None and review.assigned_at <= clock.now() - RULES.agent_session_absolute


def bar(review: Review, agent: User) -> str:
    """Why this agent may not take the review, as a code of support.wording; "" when nothing stands against it.

    Attacks stopped: an agent in his own or a friend's case, one who stands for two, and one who keeps for himself what
    was handed on (R15; ASVS 2.3.5, 8.2.2).
    """
    if not roles.works(agent):
        return "no_right"
    if review.decided_at is not None:
        return "decided"
    if review.asked_again_at is not None:
        return "persons_turn"
    if agent.pk == review.user_id:
        return "own_case"
    if related(agent, review.user):
        return "related"
    if agent.pk == review.first_by_id or review.decisions.filter(agent=agent, what=What.APPROVE).exists():
        return "was_first"
    if for_lead(review) and not roles.leads(agent):
        return "for_lead"
    if not Review.objects.filter(free(agent), pk=review.pk).exists():
        return "with_another"
    case = case_of(review)
    return "case_over" if case is not None and case.state != State.IN_REVIEW else ""


def for_lead(review: Review) -> bool:
    """Handed on, and no lead has agreed since: then only a lead takes it."""
    since = review.first_at if review.escalated_at else None
    return review.escalated_at is not None and (since is None or since <= review.escalated_at)


def bar_to_decide(review: Review, agent: User, what: str) -> str:
    """The same for one decision: whoever decides has taken it."""
    if why := bar(review, agent):
        return why
    return "take_first" if review.assigned_to_id != agent.pk else bar_beside(review, agent, what)


def bar_beside(review: Review, agent: User, what: str) -> str:
    """What stands against one decision where nothing stands against deciding."""
    if what in (What.ESCALATE, What.FLAG_FRAUD) and for_lead(review):
        return "with_lead"
    if what in _FINAL and unseen(review, agent):
        return "not_looked"
    if what == What.ASK_AGAIN and not papers_of(review).exists():
        return "no_papers"
    return ""


def unseen(review: Review, agent: User) -> set[str]:
    """The papers this agent has not opened yet: nobody agrees to what he has not seen."""
    there = {str(key) for key in papers_of(review).values_list("pk", flat=True)}
    if not there:
        return set()
    events = SecurityEvent.objects.filter(user=review.user_id, type="paper.opened", actor=f"user:{agent.pk}")
    return there - {data.get("paper", "") for data in events.values_list("data", flat=True)}


def fault(review: Review, given: Given) -> str:
    """What is wrong with a decision as it was given; "" when it can stand."""
    if given.reason not in REASONS.get(given.what, ()):
        return "reason"
    wanted = asked(review, papers_of(review).exists())
    if given.what not in _FINAL:
        return ""
    if any(given.checklist.get(name) not in ANSWERS for name in wanted):
        return "checklist"
    if given.what == What.DENY:
        return ""
    if any(given.checklist[name] != SAME for name in wanted if name in CORE):
        return "core_differs"
    if review.what == Review.What.FILING:
        return _fault_of_attributes(review, given.attributes)
    return ""


def _fault_of_attributes(review: Review, attributes: Mapping[str, str]) -> str:
    if not all(attributes.get(name, "").strip() for name in (*TYPED, "document")):
        return "attributes"
    try:
        date.fromisoformat(attributes["born"])
        date.fromisoformat(attributes.get("expires") or attributes["born"])
    except ValueError:
        return "attributes"
    if duplicates(review.user, attributes["number"]) and review.escalated_at is None:
        return "duplicate"
    return ""


def duplicates(user: User, number: str) -> int:
    """On how many other accounts the same document stands."""
    return others(user, crypto.digest("identity/number", number).hex()) if number else 0


def others(user: User, number_digest: str) -> int:
    """The same by the keyed digest, which is all that a row tells."""
    if not number_digest:
        return 0
    rows = Identity.objects.standing().filter(number_digest=number_digest).exclude(user=user)
    return rows.values("user").distinct().count()
