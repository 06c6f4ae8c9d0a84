"""What a session has proved, and how fresh it is. Times and ids stand in the session; never a secret (pitfall P20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import auth
from django.contrib.auth import SESSION_KEY, get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import clock, context
from accounts.authenticators.base import Verified
from accounts.models import User
from policy import facts
from policy.acts import STEP_UP_KINDS
from policy.deeds import AddNumber, BindAuthenticator, EnterAgents, ReplaceCodes, step_up_kind
from policy.facts import Kind
from policy.proofs import STEP_UP
from policy.rules import RULES

View = Callable[..., HttpResponse]

PROOFS, STEP_UPS, SEEN, VERIFIED_AT = "proofs", "step_ups", "seen_at", "verified_at"
ON_RESET, SET_UP, SIGN_UP, AGENT = "on_reset_password", "set_up", "sign_up", "agents_pages"  # "agent" is the browser
#: What a set-up session may do without a step-up: bind (R19).
BINDING = frozenset({step_up_kind(BindAuthenticator), step_up_kind(AddNumber), step_up_kind(ReplaceCodes)})
#: The one step-up that lasts as long as its session, which is a short one from then on.
AGENT_ENTRY = step_up_kind(EnterAgents)
BACKEND = "accounts.backends.AddressBackend"


def sign_in(
    request: HttpRequest, user: User, proofs: Sequence[Verified], *, set_up: bool = False, sign_up: bool = False
) -> None:
    """Open a session on these proofs, under a fresh key that knows its owner, browser and network.

    Attack stopped: session fixation (ASVS 7.2.4). `set_up`: an account that never had a factor binds and does nothing
    else (R19); `sign_up`: it is the sign-up session itself.
    """
    ctx = context.from_request(request)
    auth.login(request, user, backend=BACKEND)
    session, now = request.session, clock.now().isoformat()
    session.describe(ctx.agent, ctx.network)  # type: ignore[attr-defined]
    session[PROOFS] = [_written(proof, now) for proof in proofs]
    session[STEP_UPS] = []
    session[SEEN] = session[VERIFIED_AT] = now
    session[ON_RESET] = any(proof.reset for proof in proofs)
    session[SET_UP], session[SIGN_UP] = set_up, sign_up
    _note_browser(request, "sign_in")
    _forget(request)


def add_step_up(request: HttpRequest, verified: Verified, deed: str) -> None:
    """Note a fresh proof for one kind of deed, under a new session key (pitfall P21; ASVS 7.2.4)."""
    if deed not in STEP_UP_KINDS:
        raise ValueError(f"no step-up is given for {deed!r}")
    session, now = request.session, clock.now()
    kept = [one for one in session.get(STEP_UPS, []) if one["deed"] == AGENT_ENTRY or _fresh(one, now)]
    session.cycle_key()
    session[STEP_UPS] = [*kept, {**_written(verified, now.isoformat()), "deed": deed}]
    session[VERIFIED_AT] = now.isoformat()
    session[AGENT] = session.get(AGENT, False) or deed == AGENT_ENTRY
    _forget(request)


def limits(session: Any) -> tuple[timedelta, timedelta]:
    """How long this session may be quiet, and how long it lives: less once it has opened agents' pages (§13)."""
    if session.get(AGENT):
        return RULES.agent_session_idle, RULES.agent_session_absolute
    return RULES.session_idle, RULES.session_absolute


def refresh(request: HttpRequest, user: User) -> None:
    """Let this session live on, under a new key, after its owner ended all others or changed a factor (P22).

    The change dropped every known browser; the one in use is noted anew, and its time begins anew.
    """
    auth.update_session_auth_hash(request, user)
    _note_browser(request, "change")


def stay(request: HttpRequest) -> None:
    """The person said that they are still here: the quiet begins anew. The longest life of the session does not."""
    request.session[SEEN] = clock.now().isoformat()


def mark_reset_password(request: HttpRequest) -> None:
    """The password was changed in a session on a reset one, or reset while it runs: it moves no money (R3, R8)."""
    request.session[ON_RESET] = True
    _forget(request)


def end_set_up(request: HttpRequest) -> bool:
    """Open the account's other pages to the sign-up session once two custodies are bound (R19).

    A later set-up session never becomes a full one: what it bound is on probation, so it signs in again. Then False.
    """
    if not request.session.get(SIGN_UP):
        return False
    request.session[SET_UP] = False
    _note_browser(request, "change")
    _forget(request)
    return True


def in_set_up(request: HttpRequest) -> bool:
    """Only the binding pages are open to this session."""
    return bool(request.session.get(SET_UP))


def session_facts(request: HttpRequest) -> facts.Session:
    """The session as the policy sees it."""
    known = getattr(request, "_session_facts", None)
    if known is None:
        known = request._session_facts = _facts(request.session)  # type: ignore[attr-defined]
    return known


def fresh_step_up(request: HttpRequest, deed: str) -> bool:
    """Was a proof given in this session for this kind of deed, in the last minutes? The service asks the policy."""
    now = clock.now()
    given = (one for one in session_facts(request).step_ups if one.deed == deed and one.kind in STEP_UP)
    return any(now - one.at <= RULES.step_up_fresh for one in given)


def step_up_url(deed: str, back_to: str) -> str:
    """The page that asks for the proof and leads back."""
    return f"{reverse('step_up')}?{urlencode({'for': deed, 'next': back_to})}"


def step_up_required(
    deed: str, *, back: str = ""
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """View decorator: without a fresh step-up for this kind of deed, go and give one, then come back.

    `back` names the page to come back to when the view itself answers only POST. The first of two guards; the service
    is the second (ASVS 7.5.3). A set-up session has nothing to step up with: binding is open to it (R19).
    Attack stopped: a stolen session cookie or an unlocked screen that changes the account.
    """
    if deed not in STEP_UP_KINDS:
        raise ValueError(f"no step-up is given for {deed!r}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if fresh_step_up(request, deed) or (in_set_up(request) and deed in BINDING):
                return view(request, *args, **kwargs)
            return redirect(step_up_url(deed, reverse(back) if back else request.get_full_path()))

        return guarded

    return decorate


def _fresh(step_up: dict[str, Any], now: datetime) -> bool:
    return now - datetime.fromisoformat(step_up["at"]) <= RULES.step_up_fresh


def _written(proof: Verified, at: str) -> dict[str, Any]:
    return {"kind": proof.kind.value, "means_id": proof.means_id, "reset": proof.reset, "at": at}


def _facts(session: Any) -> facts.Session:
    at = datetime.fromisoformat
    return facts.Session(
        signed_in_at=at(session["created_at"]),
        proofs=tuple(
            facts.Proof(Kind(one["kind"]), one["means_id"], at(one["at"]), one["reset"])
            for one in session.get(PROOFS, [])
        ),
        step_ups=tuple(
            facts.StepUp(Kind(one["kind"]), one["means_id"], one["deed"], at(one["at"]))
            for one in session.get(STEP_UPS, [])
        ),
        on_reset_password=bool(session.get(ON_RESET)),
        set_up=bool(session.get(SET_UP)),
        sign_up=bool(session.get(SIGN_UP)),
    )


def _note_browser(request: HttpRequest, occasion: str) -> None:
    """Ask the middleware to make this browser known, or known anew. Not from a set-up session: its sign-in is half."""
    if not in_set_up(request):
        request.note_browser = occasion  # type: ignore[attr-defined]


def _forget(request: HttpRequest) -> None:
    request.__dict__.pop("_session_facts", None)


def is_signed_in(request: HttpRequest) -> bool:
    """Does this session belong to somebody? Reads the session only, never the user table."""
    return SESSION_KEY in request.session


def owner_key(request: HttpRequest) -> int:
    """The key of the account this session belongs to."""
    return int(get_user_model()._meta.pk.to_python(request.session[SESSION_KEY]))
