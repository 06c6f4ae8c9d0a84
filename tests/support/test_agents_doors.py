"""Who comes through which door of the agents' site: role × address, factor by factor, and what is never on a page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from accounts import clock
from accounts.authenticators.base import Verified
from accounts.models import SecurityEvent, User
from policy.facts import Kind
from policy.rules import RULES
from support import roles
from support.models import Paper, Review
from support.services import reviews
from tests.accounts.hands import sign_in, step_up
from tests.house.doors import url_names
from tests.house.test_doors import statements
from tests.recovery import people
from tests.support import agents
from tests.support.agents import agent, app_of, ctx_of, desk

pytestmark = pytest.mark.django_db
K = Verified(Kind.PASSWORD, "password")
LISTS = (
    "support_review_changelist", "support_decision_changelist", "support_paper_changelist", "recovery_case_changelist",
)  # fmt: skip
#: Who stands before the door: a person, an auditor, an agent, the agent who has it on the desk, a lead.
WHO = ("person", "auditor", "agent", "desk", "lead")
DOORS: dict[str, tuple[str, str, str, str, str]] = {
    "agents:index": ("403", "200", "200", "200", "200"),
    "agents:review": ("403", "200", "200", "200", "200"),
    "agents:review_deed": ("403", "405", "405", "405", "405"),
    "agents:paper": ("403", "403", "404", "200", "404"),
    **{f"agents:{name}": ("403", "200", "200", "200", "200") for name in LISTS},
}
DEEDS: dict[str, tuple[str, str, str, str, str]] = {
    "take": ("403", "403", "→ review", "→ review", "→ review"),
    "decide": ("403", "403", "200", "200", "200"),  # said why not, or what is missing
    "shorten": ("403", "403", "404", "404", "404"),
    "release": ("403", "403", "→ index", "→ index", "→ index"),  # the last: the desk is empty afterwards
}


class Desk:
    """yuki's review on grace's desk, and everybody before the doors."""

    def __init__(self) -> None:
        self.yuki = agents.yuki()
        self.grace = agent("grace")
        self.case, self.review = agents.recovery_of(self.yuki)
        self.review.refresh_from_db()
        assert isinstance(reviews.take(self.review, self.grace, ctx_of(self.grace)), Review)
        self.paper = Paper.objects.get(side="front")
        stranger = Client()
        person = people.person("taro", phones=("+819099998888",))
        sign_in(stranger, person, K, app_of(person))
        step_up(stranger, app_of(person), "agent_entry")
        self.clients = {
            "person": stranger, "auditor": desk(agent("olaf", "auditor")), "agent": desk(agent("heidi")),
            "desk": desk(self.grace), "lead": desk(agent("ada", "lead")),
        }  # fmt: skip

    def path(self, name: str, deed: str = "take") -> str:
        given: dict[str, Any] = {
            "agents:review": {"pk": self.review.pk},
            "agents:review_deed": {"pk": self.review.pk, "deed": deed},
            "agents:paper": {"paper": self.paper.pk, "page": 1},
        }
        return reverse(name, kwargs=given.get(name, {}))


def outcome(response: Any) -> str:
    if response.status_code in (301, 302):
        return f"→ {resolve(response.headers['Location'].split('?')[0]).url_name}"
    return str(response.status_code)


@pytest.fixture
def there() -> Desk:
    return Desk()


def test_every_door_of_the_site_is_in_the_table() -> None:
    assert {name for name in url_names() if name.startswith("agents:")} == DOORS.keys()


@pytest.mark.parametrize("name", DOORS)
def test_each_role_gets_what_is_its_own(there: Desk, name: str) -> None:
    found = tuple(outcome(there.clients[who].get(there.path(name))) for who in WHO)
    assert found == DOORS[name]


def test_each_role_does_what_is_its_own_whatever_buttons_it_was_shown(there: Desk) -> None:
    """Pitfall P42: a hidden button is not a permission."""
    found = {}
    for deed in DEEDS:
        path = there.path("agents:review_deed", deed)
        found[deed] = tuple(outcome(there.clients[who].post(path)) for who in WHO)
    assert found == DEEDS
    assert there.review.decisions.count() == 0


@pytest.mark.parametrize("name", DOORS)
def test_without_a_session_every_door_leads_to_the_portals_own_sign_in(there: Desk, name: str) -> None:
    answer = Client().get(there.path(name))
    assert outcome(answer) == "→ sign_in"
    assert "next=/agents/" in answer.headers["Location"]


# By what staff come in (pitfall P33)


def staff(user: User, *proofs: Verified, entry: Verified | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    sign_in(client, user, *proofs)
    if entry:
        step_up(client, entry, "agent_entry")
    return client


@pytest.mark.parametrize("name", DOORS)
def test_staff_without_an_app_or_passkey_in_the_sign_in_do_not_enter(there: Desk, name: str) -> None:
    sheet = Verified(Kind.SAVED_CODE, there.grace.savedcodesets.get().means_id)
    number = Verified(Kind.SMS, there.grace.phones.get().means_id)
    mail = Verified(Kind.EMAIL, there.grace.addresss.get().means_id)
    for second in (sheet, number, mail):
        client = staff(there.grace, K, second, entry=app_of(there.grace))
        answer = client.get(there.path(name))
        assert answer.status_code == 403
        assert "authenticator app or a passkey" in answer.content.decode()


@pytest.mark.parametrize("name", DOORS)
def test_an_open_session_alone_does_not_enter_and_is_asked_for_the_app(there: Desk, name: str) -> None:
    """Attack stopped: the stolen cookie of an agent."""
    client = staff(there.grace, K, app_of(there.grace))
    answer = client.get(there.path(name))
    assert outcome(answer) == "→ step_up"
    assert "for=agent_entry" in answer.headers["Location"]
    step_up(client, app_of(there.grace), "export")
    assert outcome(client.get(there.path(name))) == "→ step_up", "a confirmation serves its own deed alone"


def test_the_confirmation_at_the_door_offers_neither_sms_nor_saved_codes(there: Desk) -> None:
    client = staff(there.grace, K, app_of(there.grace))
    page = client.get(f"{reverse('step_up')}?for=agent_entry&next=/agents/").content.decode()
    assert "Before you open the pages of agents" in page
    assert "challenge" not in page and "saved-code" not in page
    code = people.CODES[0]
    client.post(f"{reverse('step_up')}?for=agent_entry&way=saved-code", {"way": "saved-code", "code": code})
    assert outcome(client.get("/agents/")) == "→ step_up"
    client.post(f"{reverse('step_up')}?for=agent_entry&next=/agents/", {"way": "totp", "code": people.app_code()})
    assert client.get("/agents/").status_code == 200


def test_an_app_that_was_just_added_opens_nothing(there: Desk) -> None:
    change = there.grace.changes.create(what="totp.added", made_at=clock.now())
    there.grace.totps.update(added_by=change)
    assert desk(there.grace).get("/agents/").status_code == 403


def test_a_password_set_by_mail_opens_nothing(there: Desk) -> None:
    reset = Verified(Kind.PASSWORD, "password", reset=True)
    client = staff(there.grace, reset, app_of(there.grace), entry=app_of(there.grace))
    assert client.get("/agents/").status_code == 403


def test_a_role_taken_away_closes_the_door_at_once(there: Desk) -> None:
    client = there.clients["desk"]
    assert client.get("/agents/").status_code == 200
    User.objects.filter(pk=there.grace.pk).update(is_staff=False)
    assert client.get("/agents/").status_code == 403
    User.objects.filter(pk=there.grace.pk).update(is_staff=True)
    there.grace.groups.clear()
    assert client.get(there.path("agents:paper")).status_code == 403


def test_being_superuser_opens_nothing(there: Desk) -> None:
    root = people.person("root", phones=("+818012121212",))
    User.objects.filter(pk=root.pk).update(is_staff=True, is_superuser=True)
    assert desk(root).get("/agents/").status_code == 403


def test_the_roles_hold_what_the_table_says_and_nothing_more() -> None:
    roles.sync()
    for name, codes in roles.ROLES.items():
        rows = Permission.objects.filter(group__name=name).values_list("content_type__app_label", "codename")
        assert {f"{label}.{code}" for label, code in rows} == set(codes)


def test_an_agents_session_ends_after_a_quarter_of_an_hour_and_after_eight_hours(there: Desk) -> None:
    client, begun = there.clients["desk"], clock.now()
    with time_machine.travel(begun + RULES.agent_session_idle, tick=False):
        assert outcome(client.get("/agents/")) == "→ sign_in"
    client = desk(there.grace)
    at = clock.now()
    while at < begun + RULES.agent_session_absolute - timedelta(minutes=20):
        at += timedelta(minutes=14)
        with time_machine.travel(at, tick=False):
            assert client.get("/agents/").status_code == 200
    with time_machine.travel(begun + RULES.agent_session_absolute + timedelta(minutes=1), tick=False):
        assert outcome(client.get("/agents/")) == "→ sign_in"


def test_a_persons_session_lives_as_before(there: Desk) -> None:
    client = staff(there.grace, K, app_of(there.grace))
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        assert client.get("/account/").status_code == 200


# Papers


def test_a_page_is_a_picture_for_this_desk_alone_kept_by_nobody_and_seen_by_its_person(there: Desk) -> None:
    answer = there.clients["desk"].get(there.path("agents:paper"))
    assert answer.content == agents.picture()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"] == "inline"
    seen = SecurityEvent.objects.get(user=there.yuki, type="paper.opened")
    assert (seen.data["paper"], seen.actor, seen.network) == (str(there.paper.pk), f"user:{there.grace.pk}", "")
    owner = Client(headers={"accept-language": "ja"})
    sign_in(owner, there.yuki)
    assert "担当者があなたの書類を開きました" in owner.get("/account/activity/").content.decode()


def test_another_page_another_paper_and_one_destroyed_do_not_exist(there: Desk) -> None:
    client = there.clients["desk"]
    others = agents.paper(people.person("hanako", phones=("+819012345609",)))
    for key, page in ((there.paper.pk, 0), (there.paper.pk, 2), (others.pk, 1)):
        assert client.get(reverse("agents:paper", args=[key, page])).status_code == 404
    Paper.objects.filter(pk=there.paper.pk).update(destroyed_at=clock.now())
    assert client.get(there.path("agents:paper")).status_code == 404
    assert not SecurityEvent.objects.filter(type="paper.opened").exists()


def test_papers_of_a_review_on_nobodys_desk_open_to_nobody(there: Desk) -> None:
    assert reviews.release(there.review, there.grace, ctx_of(there.grace))
    for who in ("agent", "desk", "lead"):
        assert there.clients[who].get(there.path("agents:paper")).status_code == 404
    assert not SecurityEvent.objects.filter(type="paper.opened").exists()


def test_nobody_opens_the_own_papers_from_the_desk(there: Desk) -> None:
    review = agents.filing_of(there.grace)
    Review.objects.filter(pk=review.pk).update(assigned_to=there.grace)
    mine = Paper.objects.get(user=there.grace)
    assert there.clients["desk"].get(reverse("agents:paper", args=[mine.pk, 1])).status_code == 404
    assert there.clients["desk"].get(reverse("agents:review", args=[review.pk])).status_code == 403


def test_a_video_is_wound_and_its_opening_noted_once(there: Desk) -> None:
    film = Paper.objects.get(document="video")
    path, client = reverse("agents:paper", args=[film.pk, 1]), there.clients["desk"]
    whole = client.get(path)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "video/webm")
    part = client.get(path, headers={"range": "bytes=100-199"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.content)}"
    assert client.get(path, headers={"range": "bytes=99999-"}).status_code == 416
    assert SecurityEvent.objects.filter(type="paper.opened").count() == 1


# Pages


def test_the_case_file_shows_what_is_on_file_to_the_desk_alone_and_writes_it_down(there: Desk) -> None:
    name = agents.ON_FILE["family"]
    for who in ("auditor", "agent", "lead"):
        page = there.clients[who].get(there.path("agents:review")).content.decode()
        assert name not in page and agents.ON_FILE["number"] not in page
        assert "/agents/papers/" not in page
    assert not SecurityEvent.objects.filter(type="review.opened").exists()
    page = there.clients["desk"].get(there.path("agents:review")).content.decode()
    assert name in page and agents.ON_FILE["number"] in page
    assert SecurityEvent.objects.filter(user=there.yuki, type="review.opened").count() == 1
    there.review.refresh_from_db()
    assert there.review.first_look_at is not None


def test_why_a_button_is_missing_stands_in_its_place(there: Desk) -> None:
    page = there.clients["agent"].get(there.path("agents:review")).content.decode()
    assert "A colleague has this on the desk." in page
    page = there.clients["auditor"].get(there.path("agents:review")).content.decode()
    assert "Your role may look at reviews, and takes none." in page


def test_no_page_of_agents_shows_a_secret(there: Desk) -> None:
    """Pitfalls P11, P45: who can see a working code can be the user."""
    totp = there.grace.totps.get()
    secrets = [totp.seed_sealed, there.yuki.password, there.case.secret_digest, *people.CODES]
    secrets += [there.yuki.identitys.get().attributes_sealed, there.yuki.identitys.get().number_digest]
    secrets += [there.yuki.phones.get().number, there.yuki.email]
    for who in ("desk", "lead", "auditor"):
        for name in DOORS.keys() - {"agents:paper", "agents:review_deed"}:
            page = there.clients[who].get(there.path(name)).content.decode()
            assert [one for one in secrets if one and one in page] == [], name


@pytest.mark.parametrize("name", [f"agents:{one}" for one in LISTS])
def test_a_list_takes_no_deed_and_has_no_way_to_write(there: Desk, name: str) -> None:
    path, before = there.path(name), list(Review.objects.values())
    for data in ({"action": "delete_selected", "_selected_action": [str(there.review.pk)]}, {"_save": "1"}):
        there.clients["lead"].post(path, data)
    assert list(Review.objects.values()) == before
    page = there.clients["lead"].get(path).content.decode()
    assert "delete" not in page.lower() and "/add/" not in page
    for tail in ("add/", f"{there.review.pk}/change/", f"{there.review.pk}/delete/", f"{there.review.pk}/history/"):
        assert there.clients["lead"].get(path + tail).status_code == 404


@pytest.mark.parametrize("path", ["login/", "logout/", "password_change/", "jsi18n/", "autocomplete/", "r/1/1/"])
def test_the_stock_views_of_an_admin_do_not_exist(there: Desk, path: str) -> None:
    for who in ("desk", "lead"):
        assert there.clients[who].get(f"/agents/{path}").status_code == 404


def test_every_page_keeps_the_portals_policy_for_content(there: Desk) -> None:
    for name in DOORS.keys() - {"agents:paper", "agents:review_deed"}:
        answer = there.clients["desk"].get(there.path(name))
        policy = answer.headers["Content-Security-Policy"]
        assert "require-trusted-types-for 'script'" in policy and "unsafe" not in policy
        page = answer.content.decode()
        assert "<style" not in page and " style=" not in page and "admin/js" not in page
        assert answer.headers["Cache-Control"] == "no-store"


def test_no_page_asks_the_database_more_often_than_it_needs(there: Desk) -> None:
    """The door asks for everything its agent has bound; a case file gathers a whole case."""
    most = {"agents:review": 60}
    for name in DOORS.keys() - {"agents:review_deed"}:
        with CaptureQueriesContext(connection) as seen:
            there.clients["desk"].get(there.path(name))
        assert len(statements(seen)) <= most.get(name, 32), (name, len(statements(seen)))


# A whole review by the pages


def test_two_agents_in_two_browsers_bring_yuki_to_the_wait(there: Desk) -> None:
    for who, leads_to in (("desk", "in_review"), ("agent", "on_hold")):
        client = there.clients[who]
        assert outcome(client.post(there.path("agents:review_deed", "take"))) == "→ review"
        client.get(there.path("agents:review"))
        decide, lines = (
            there.path("agents:review_deed", "decide"),
            {f"check_{k}": v for k, v in agents.ALL_SAME.items()},
        )
        too_early = client.post(decide, {"what": "approve", "reason": "all_fits", **lines})
        assert "Open every paper first" in too_early.content.decode()
        for row in Paper.objects.all():
            assert client.get(reverse("agents:paper", args=[row.pk, 1])).status_code == 200
        wrong = client.post(decide, {"what": "approve", "reason": "all_fits", **lines, "check_face": "differs"})
        assert "cannot be agreed to" in wrong.content.decode()
        assert outcome(client.post(decide, {"what": "approve", "reason": "all_fits", **lines})) == "→ index"
        there.case.refresh_from_db()
        assert there.case.state == leads_to


def test_papers_are_put_on_file_by_the_page(there: Desk) -> None:
    hanako = people.person("hanako", phones=("+819012345609",))
    review, client = agents.filing_of(hanako), there.clients["agent"]
    client.post(reverse("agents:review_deed", args=[review.pk, "take"]))
    client.get(reverse("agents:review", args=[review.pk]))
    client.get(reverse("agents:paper", args=[Paper.objects.get(user=hanako).pk, 1]))
    own = agents.ON_FILE | {"number": "509876543210"}
    data = {f"read_{name}": value for name, value in own.items()}
    data |= {f"check_{name}": "same" for name in ("family", "given", "born", "number", "expires")}
    path = reverse("agents:review_deed", args=[review.pk, "decide"])
    assert outcome(client.post(path, {"what": "approve", "reason": "all_fits", **data})) == "→ index"
    assert hanako.identitys.get().attributes == own
