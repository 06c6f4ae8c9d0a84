"""Every refusal and every reason of the policy has a sentence, in both languages' forms."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from accounts import clock
from accounts.errors import Refused, Why
from accounts.refusals import reason_text, refusal_text
from policy.reasons import REASONS
from policy.verdict import Outcome, Reason, Verdict


@pytest.mark.parametrize("why", [why for why in Why if why is not Why.UNFIT])
def test_every_refusal_has_a_sentence(why: Why) -> None:
    with translation.override("en"):
        text = refusal_text(Refused(why, until=clock.now()))
    assert text and "{" not in text


@pytest.mark.parametrize("detail", ["country", "fixed_line", "line_type", "voip"])
def test_every_unfit_number_has_a_reason(detail: str) -> None:
    assert refusal_text(Refused(Why.UNFIT, detail=detail)) != detail


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_fills_its_sentence(code: str) -> None:
    names = re.findall(r"{(\w+)}", REASONS[code])
    values = tuple((name, clock.now().isoformat() if name == "until" else "7") for name in names)
    text = reason_text(Reason("R0", code, values))
    assert text and "{" not in text


def test_a_verdict_speaks_through_its_reasons() -> None:
    verdict = Verdict(Outcome.REFUSED, reasons=(Reason("R2", "sign_in_first"),))
    assert refusal_text(Refused(Why.POLICY, verdict=verdict)) == reason_text(verdict.reasons[0])
