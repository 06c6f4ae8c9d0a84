"""Agents at their desks, and what people have handed in: real rows, real sealed pages."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from uuid import uuid4

from django.contrib.auth.models import Group
from django.test import Client

from accounts import clock
from accounts.context import ActorContext
from accounts.models import Identity, User
from accounts.services.verify import Verified
from policy.facts import Kind
from policy.rules import RULES
from recovery.models import Case
from recovery.services import review as recovery
from support import roles, vault
from support.judging import ATTRIBUTES, SAME, Given
from support.models import Document, Paper, Review
from support.services import reviews
from tests.accounts.hands import sign_in, step_up
from tests.recovery import people
from tests.support.files import photo

ON_FILE = {
    "family": "高橋",
    "given": "ゆき",
    "born": "1990-05-04",
    "document": "licence",
    "number": "301234567890",
    "expires": "2029-06-04",
}
ALL_SAME = dict.fromkeys(ATTRIBUTES, SAME)
FITS = Given("approve", "all_fits", ALL_SAME)
_numbers = iter(range(10**7, 10**8))


@cache
def picture() -> bytes:
    return photo((600, 400))


def ctx_of(user: User) -> ActorContext:
    return ActorContext(f"user:{user.pk}")


def agent(name: str, role: str = "agent") -> User:
    """A member of staff with an app, in one group."""
    if not Group.objects.filter(name=role).exists():
        roles.sync()  # a test that empties the tables has emptied this one too
    user = people.person(name, phones=(f"+8180{next(_numbers)}",), sheet=True)
    User.objects.filter(pk=user.pk).update(is_staff=True, name=name.capitalize(), language="en")
    user.groups.add(Group.objects.get(name=role))
    return User.objects.get(pk=user.pk)


def app_of(user: User) -> Verified:
    return Verified(Kind.TOTP, user.totps.get().means_id)


def desk(user: User) -> Client:
    """A browser of theirs, signed in by password and app, confirmed at the door."""
    client = Client(headers={"accept-language": "en"})
    sign_in(client, user, Verified(Kind.PASSWORD, "password"), app_of(user))
    step_up(client, app_of(user), "agent_entry")
    return client


def yuki(attributes: dict[str, str] = ON_FILE) -> User:
    """Nothing left but papers, identity imported by the host long ago."""
    user = people.person("yuki", phones=("+819012345603",), app=False, sheet=False)
    put_on_file(user, attributes)
    return user


def put_on_file(user: User, attributes: dict[str, str] = ON_FILE) -> Identity:
    long_ago = clock.now() - timedelta(days=300)
    row = Identity.objects.create(user=user, source="host", bound_at=long_ago, confirmed_at=long_ago)
    row.set_attributes(attributes)
    row.save()
    return row


def paper(user: User, reference: str = "", document: str = Document.LICENCE, side: str = "front") -> Paper:
    """One that was checked and handed to people; its page lies in the vault."""
    now, film = clock.now(), document == Document.VIDEO
    row = Paper.objects.create(
        id=uuid4(), user=user, case_reference=reference, purpose="recovery" if reference else "file",
        document=document, side="" if film else side, kind="webm" if film else "jpeg", state="checked", pages=1,
        received_at=now, checked_at=now, sent_at=now, handed_at=now, destroy_at=now + RULES.papers_undecided_kept,
    )  # fmt: skip
    vault.put(row.pk, "1", b"\x1a\x45\xdf\xa3" + bytes(5000) if film else picture())
    return row


def recovery_of(user: User) -> tuple[Case, Review]:
    """Her claim with papers and video, handed to people."""
    case = people.Claimant(situation="nothing_left", email=user.email).case
    assert recovery.submit(case, ActorContext("claimant"), with_video=True)
    for document, side in ((Document.LICENCE, "front"), (Document.LICENCE, "back"), (Document.VIDEO, "")):
        paper(user, case.reference, document, side)
    return case, queued(user, "recovery", case.reference, needs=2)


def filing_of(user: User) -> Review:
    """Papers put on file from a session."""
    paper(user)
    return queued(user, "filing", needs=1)


def queued(user: User, what: str, reference: str = "", *, needs: int) -> Review:
    now = clock.now()
    return Review.objects.create(
        what=what, user=user, case_reference=reference, queued_at=now, promised_at=now + RULES.first_look_promised,
        needs=needs,
    )  # fmt: skip


def take_and_look(review: Review, user: User) -> None:
    """On the desk, and every paper of it opened."""
    assert isinstance(reviews.take(review, user, ctx_of(user)), Review)
    papers = Paper.objects.filter(case_reference=review.case_reference, user=review.user)
    for row in papers:
        reviews.opened(row, 1, user, ctx_of(user))


def judge(review: Review, user: User, given: Given = FITS) -> object:
    """Taken, looked at, decided."""
    take_and_look(review, user)
    done = reviews.decide(review, user, given, ctx_of(user))
    review.refresh_from_db()
    return done
