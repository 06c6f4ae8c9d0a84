"""`may(deed, facts)`: the one judgement behind every service, page and search. Order of the rules: R20."""

from __future__ import annotations

from typing import assert_never

from policy import acts, agent_rules, case_rules, freeze_rules, loss_rules, session_rules
from policy.facts import Facts
from policy.rules import RULES, Rules
from policy.verdict import Outcome, Verdict, refused


def may(deed: acts.Deed, facts: Facts, rules: Rules = RULES) -> Verdict:
    """May this be done now, and if not: what is missing, until when, and why (R1–R20). Pure."""
    match deed:
        case acts.SignIn():
            return session_rules.sign_in(deed, facts, rules)
        case acts.EndSessions():
            return (
                Verdict(Outcome.ALLOWED) if session_rules.session_lives(facts, rules) else session_rules.sign_in_first()
            )
        case acts.BindAuthenticator() | acts.AddNumber():
            return session_rules.bind(deed, facts, rules)
        case acts.FileIdentity():
            return session_rules.file_identity(deed, facts, rules)
        case acts.ReplaceCodes() | acts.AddAddress() | acts.ChangePassword() | acts.AddPayout():
            return session_rules.change(deed, facts, rules)
        case acts.RemoveAuthenticator() | acts.RemoveNumber() | acts.RemoveAddress() | acts.ChangeNumber():
            return session_rules.end_means(deed, facts, rules)
        case acts.ResetPassword():
            return session_rules.reset_password(deed, facts, rules)
        case acts.Withdraw():
            return session_rules.withdraw(deed, facts, rules)
        case acts.Export():
            return session_rules.export(deed, facts, rules)
        case acts.CloseAccount():
            return session_rules.close_account(deed, facts, rules)
        case acts.KeepOpen():
            return session_rules.keep_open(facts, rules)
        case acts.Claim():
            return case_rules.claim(facts, rules)
        case acts.ShowProof():
            return case_rules.show_proof(deed, facts, rules)
        case acts.OpenCase():
            return case_rules.open_case(deed, facts, rules)
        case acts.Rebind():
            return case_rules.rebind(deed, facts, rules)
        case acts.Complete():
            return case_rules.complete(deed, facts, rules)
        case acts.CancelCase():
            return case_rules.cancel(deed, facts, rules)
        case acts.NotMe():
            return case_rules.not_me(deed, facts, rules)
        case acts.ReportLoss():
            return loss_rules.report_loss(deed, facts, rules)
        case acts.ReportFound():
            return loss_rules.report_found(deed, facts, rules)
        case acts.FreezeAccount():
            return freeze_rules.freeze(deed, facts, rules)
        case acts.EndFreeze():
            return freeze_rules.end_freeze(deed, facts, rules)
        case acts.LockSettings():
            return freeze_rules.lock(deed, facts, rules)
        case acts.OpenLock():
            return freeze_rules.open_lock(deed, facts, rules)
        case acts.EnterAgents():
            return agent_rules.enter(deed, facts, rules)
        case acts.Approve():
            return case_rules.approve(deed, facts, rules)
        case acts.RaiseAlarm():
            return case_rules.raise_alarm(deed, facts, rules)
        case acts.Wait():
            return Verdict(Outcome.ALLOWED) if deed.until >= facts.now else refused("R5", "time_runs_forward")
    assert_never(deed)
