"""Judging who may open the pages of agents (product §7, §13)."""

from __future__ import annotations

from policy import acts, vetoes
from policy.closing import closed
from policy.custody import find
from policy.facts import Facts, Kind
from policy.proofs import bar, standing
from policy.rules import NONE, Rules
from policy.session_rules import sign_in_first
from policy.verdict import Outcome, Reason, Verdict, refused

#: What staff prove with: never a code by mail or SMS, never a saved code (pitfall P33).
FACTORS = frozenset({Kind.TOTP, Kind.PASSKEY})


def enter(deed: acts.EnterAgents, facts: Facts, rules: Rules) -> Verdict:
    """An app or passkey at sign-in, and once more at the door; both last as long as an agent's session.

    Attacks stopped: staff let in by another sign-in view, with a code that was phished or read in a mailbox, or with
    a factor somebody has just added (pitfall P33; ASVS 6.3.3, 7.5.3).
    """
    session = facts.session
    if session is None or closed(facts) or facts.now - session.signed_in_at >= rules.agent_session_absolute:
        return sign_in_first()
    if session.on_reset_password:
        return refused("R3", "agents_not_on_reset")
    known = vetoes.unnamed(facts)
    if not any(proof.kind in FACTORS for proof in standing(session.proofs, known, rules)):
        return refused("R2", "agents_by_app_or_passkey")
    kind = acts.step_up_kind(deed)
    given = [step for step in session.step_ups if step.deed == kind and step.kind in FACTORS]
    for step in given:
        means = find(known, step.means_id)
        good = means is not None and means.kind is step.kind and not bar(means, known, rules)
        if good and NONE <= facts.now - step.at < rules.agent_session_absolute:
            return Verdict(Outcome.ALLOWED)
    asked = tuple(frozenset({kind}) for kind in Kind if kind in FACTORS)
    return Verdict(Outcome.STEP_UP, asked, reasons=(Reason("R2", "agents_confirm"),))
