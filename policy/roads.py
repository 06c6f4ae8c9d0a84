"""The roads back, quickest first: computed by asking `may` about every small set of means; never a second table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Literal

from policy.acts import OpenCase, SignIn
from policy.case_rules import if_approved
from policy.custody import set_by_mail
from policy.facts import Case, Facts, Kind, Means, Proof
from policy.judge import may
from policy.proofs import agents_needed, bar, counting, final_after, unusable
from policy.rules import NONE, RULES, Rules
from policy.verdict import Reason, in_hours

#: How a road names its proofs: the code first, then what stands beside it; at sign-in the password first.
_BACK_ORDER = "ICSEMKTP"
_SIGN_IN_ORDER = "PKTSM"


@dataclass(frozen=True, slots=True)
class Road:
    """One way back: what it asks, how long it takes, and what rests afterwards."""

    id: str  # "sign-in-kt", "et": stable, fit for a form value
    proofs: tuple[Kind, ...]
    sign_in: bool
    needs_old_number: bool
    wait: timedelta
    money: timedelta  # how long withdrawals rest once the number is new (R8)
    who: Literal["self", "people"]
    reasons: tuple[Reason, ...] = ()


def roads(facts: Facts, rules: Rules = RULES, *, held: Iterable[Kind] | None = None) -> tuple[Road, ...]:
    """Every road open with these means, sign-in first, then quickest first. What is named lost is used by none.

    `held` narrows it to the kinds the person says are at hand; the other means still hear notices.
    """
    hand = frozenset(Kind) if held is None else frozenset(held)
    lost = facts.case.lost if facts.case else frozenset()
    case = Case(state="proving", opened_at=facts.now, lost=lost)
    asked = if_approved(replace(facts, session=None, shown=(), open_case=False, case=case))
    number_dead = any(_dead_number(means, asked, rules) for means in facts.means)
    signing_in = _quickest(_sign_in_roads(asked, hand, number_dead, rules))
    back = _quickest(_recovery_roads(asked, hand, number_dead, rules))
    self_service = _undominated([*signing_in, *(road for road in back if road.who == "self")])
    helped = {kind for road in self_service for kind in road.proofs}
    people = [road for road in back if road.who == "people" and not set(road.proofs) & helped]
    if self_service or any(len(road.proofs) > 1 for road in people):
        people = [road for road in people if len(road.proofs) > 1]  # R4: papers alone only where nothing is faster
    return tuple(sorted([*self_service, *people], key=_order))


def _order(road: Road) -> tuple[bool, bool, timedelta, timedelta, tuple[int, ...]]:
    order = _SIGN_IN_ORDER if road.sign_in else _BACK_ORDER
    return (
        not road.sign_in,
        road.who == "people",
        road.wait,
        road.money,
        tuple(order.index(k.value) for k in road.proofs),
    )


def _id(kinds: Iterable[Kind], sign_in: bool) -> str:
    letters = "".join(kind.value for kind in kinds).lower()
    return f"sign-in-{letters}" if sign_in else letters


def _proofs(means: Iterable[Means], facts: Facts) -> tuple[Proof, ...]:
    return tuple(Proof(one.kind, one.id, facts.now, reset=set_by_mail(one, facts)) for one in means)


def _sets(means: Iterable[Means]) -> list[tuple[Means, ...]]:
    """Sets of one or two means of different kinds: no sufficient set needs more."""
    every = tuple(means)
    pairs = [pair for pair in combinations(every, 2) if pair[0].kind is not pair[1].kind]
    return [*((one,) for one in every), *pairs]


def _sign_in_roads(facts: Facts, hand: frozenset[Kind], number_dead: bool, rules: Rules) -> Iterable[Road]:
    fit = hand & set(map(Kind, _SIGN_IN_ORDER))
    for means in _sets(one for one in facts.means if one.kind in fit and not unusable(one, facts)):
        if len(means) > 1 and any(one.kind is Kind.PASSKEY for one in means):
            continue
        verdict = may(SignIn(_proofs(means, facts)), facts, rules)
        if not verdict.allowed or verdict.has("set_up_only"):
            continue
        kinds = _sorted_kinds(means, _SIGN_IN_ORDER)
        money = rules.money_after_number_change if number_dead else NONE
        rest = (Reason("R8", "money_rests_number", in_hours(money)),) if money else ()
        old = Kind.SMS in kinds and not number_dead
        yield Road(_id(kinds, True), kinds, True, old, NONE, money, "self", (*verdict.reasons, *rest))


def _recovery_roads(facts: Facts, hand: frozenset[Kind], number_dead: bool, rules: Rules) -> Iterable[Road]:
    for means in _sets(one for one in counting(facts, rules) if one.kind in hand):
        shown = replace(facts, shown=_proofs(means, facts))
        verdict = may(OpenCase(), shown, rules)
        if not verdict.sufficient:
            continue
        kinds = _sorted_kinds(means, _BACK_ORDER)
        final, _ = final_after(shown.shown, shown, rules)
        money = max(final, rules.money_after_recovery)
        reasons = (*verdict.reasons, Reason("R8", "money_rests_recovery", in_hours(money)))
        who: Literal["self", "people"] = "people" if agents_needed(shown.shown, shown, rules) else "self"
        old = Kind.SMS in kinds and not number_dead
        yield Road(_id(kinds, False), kinds, False, old, verdict.wait, money, who, reasons)


def _dead_number(means: Means, facts: Facts, rules: Rules) -> bool:
    """A number that has to be changed once its owner is back in."""
    why = bar(means, facts, rules) if means.kind is Kind.SMS else None
    return why is not None and why.code in ("reported_lost", "number_lapsed")


def _sorted_kinds(means: Iterable[Means], order: str) -> tuple[Kind, ...]:
    return tuple(sorted((one.kind for one in means), key=lambda kind: order.index(kind.value)))


def _quickest(every: Iterable[Road]) -> list[Road]:
    """One road per set of kinds: the quickest of those the several means of a kind give."""
    found: dict[str, Road] = {}
    for road in every:
        if road.id not in found or (road.wait, road.money) < (found[road.id].wait, found[road.id].money):
            found[road.id] = road
    return list(found.values())


def _undominated(every: list[Road]) -> list[Road]:
    """Leave out a road that asks as much as another and is no quicker; a sign-in is never slower than a recovery."""

    def beaten(road: Road, by: Road) -> bool:
        asks_no_less = set(by.proofs) <= set(road.proofs)
        better = by.sign_in > road.sign_in or (by.sign_in == road.sign_in and len(by.proofs) < len(road.proofs))
        return asks_no_less and better and by.wait <= road.wait

    return [road for road in every if not any(beaten(road, by) for by in every if by is not road)]


# For somebody we know nothing about

#: What a person in each situation usually still has. The old number counts as lost, except where it works.
_STILL_HELD: dict[str, frozenset[Kind]] = {
    "code_missing": frozenset({Kind.PASSWORD, Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE, Kind.EMAIL, Kind.SMS}),
    "new_number": frozenset({Kind.PASSWORD, Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE, Kind.EMAIL, Kind.SMS}),
    "abroad": frozenset({Kind.PASSWORD, Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE, Kind.EMAIL, Kind.SMS}),
    "lost_phone": frozenset({Kind.PASSWORD, Kind.SAVED_CODE, Kind.EMAIL, Kind.SMS}),
    "stolen_sim": frozenset({Kind.PASSWORD, Kind.TOTP, Kind.PASSKEY, Kind.SAVED_CODE, Kind.EMAIL}),
    "nothing_left": frozenset(),
}

SITUATIONS: tuple[str, ...] = tuple(_STILL_HELD)

#: The kinds the portal lets people use today. Papers stand for the road through people.
OFFERED = frozenset(Kind) - {Kind.CONTACTS}

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # synthetic facts need some moment; no rule depends on which


def general_roads(
    situation: str,
    rules: Rules = RULES,
    *,
    held: Iterable[Kind] | None = None,
    offered: frozenset[Kind] = OFFERED,
) -> tuple[Road, ...]:
    """The roads for a visitor we know nothing about: the rules applied to what people in this situation have.

    `held` narrows it to what the visitor ticked. Reads no account, so it tells a stranger nothing about one. In a
    situation with a dead number, SMS means a code to another number that was confirmed before.
    """
    have = (_STILL_HELD[situation] if held is None else frozenset(held)) & offered
    people = frozenset({Kind.IDENTITY}) & offered
    found = roads(_somebody(situation), rules, held=have | people)
    return tuple(replace(road, reasons=(*road.reasons, *_provisos(road, rules))) for road in found)


def _somebody(situation: str) -> Facts:
    """A person with everything in good order, two addresses, and, where the number is dead, an old number too."""
    means = [Means(kind.name.lower(), kind, _EPOCH, with_video=True) for kind in Kind]
    means.append(Means("email:other", Kind.EMAIL, _EPOCH))
    if situation != "code_missing":
        means.append(Means("sms:old", Kind.SMS, _EPOCH))
    case = Case(state="proving", opened_at=_EPOCH, lost=frozenset({"sms:old"}))
    return Facts(now=_EPOCH, means=tuple(means), case=case)


def _provisos(road: Road, rules: Rules) -> tuple[Reason, ...]:
    """What a general answer must add: it may take longer than said."""
    found = []
    if not road.sign_in and set(road.proofs) & {Kind.EMAIL, Kind.SMS} and road.wait < rules.wait_without_other_address:
        found.append(Reason("R5", "longer_if_only_address", in_hours(rules.wait_without_other_address)))
    if Kind.SAVED_CODE in road.proofs and not road.sign_in and road.wait < rules.wait_one_place:
        found.append(Reason("R1", "codes_on_paper", in_hours(rules.wait_one_place)))
    return tuple(found)
