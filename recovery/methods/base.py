"""What a recovery method is: how a claimant shows one kind of proof on a case page."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.functional import Promise

from accounts.context import ActorContext
from accounts.errors import Refused
from accounts.models import email_key
from accounts.services import verify
from accounts.services.verify import Verified
from policy.facts import Kind
from recovery.models import Case
from recovery.states import State


class Method:
    """One kind of proof. `code` is its name in URLs and in `verify`; `channel` is how a code is sent, if it is."""

    code: str
    kind: Kind
    label: Promise
    channel: str = ""

    def scope(self, case: Case) -> str:
        """The request its codes and tries belong to: this claim and this method, and no other (ASVS 6.6.2, R18)."""
        return f"case:{case.reference}:{self.code}"

    def offered(self, case: Case, shown: Collection[Kind]) -> bool:
        """Is it worth offering beside what was shown? Decided from the claim alone: it tells nothing of an account."""
        return self.kind not in shown

    def prove(self, case: Case, secret: str, ctx: ActorContext) -> Verified | Refused:
        """Verify through the one service; an unknown claimant costs the same work and is wrong (ASVS 6.3.8)."""
        return verify.verify(
            case.user,
            self.code,
            secret,
            purpose="recovery",
            scope=self.scope(case),
            ctx=ctx,
            named=email_key(case.identifier),
            stranger=case.state == State.OPENED,
        )
