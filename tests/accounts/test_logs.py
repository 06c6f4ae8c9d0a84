"""The log of security events: OWASP's names, one line each, and nothing in it that identifies or opens."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from accounts import events, logs, owasp
from accounts.models import Address, AddressRequest, Challenge, Link, SecurityEvent
from accounts.outbox.notices import NOTICES, SILENT
from accounts.services import requests
from tests.accounts.hands import CTX
from tests.recovery import people

#: OWASP Logging Vocabulary, as far as this portal has such events.
VOCABULARY = re.compile(
    r"(authn_(login_success|login_fail|login_fail_max|login_lock|password_change|token_created|token_revoked"
    r"|token_reuse|token_delete)|authz_(fail|change)|excess_rate_limit_exceeded|input_validation_fail"
    r"|session_(created|renewed|expired)|user_(created|updated|archived|deleted)"
    r"|upload_(complete|stored|validation|delete)|privilege_permissions_changed"
    r"|sensitive_(create|read|update|delete))"
)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything any logger writes at the levels of the settings, in the form of the settings."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonFormatter())
    loggers = [logging.getLogger(name) for name in ("", "django")]  # Django's own does not hand on
    for one in loggers:
        one.addHandler(handler)
    yield written
    for one in loggers:
        one.removeHandler(handler)


def test_every_type_of_event_has_a_name_of_the_vocabulary() -> None:
    assert owasp.NAMES.keys() == NOTICES.keys() | SILENT
    assert [name for name, _level in owasp.NAMES.values() if not VOCABULARY.fullmatch(name)] == []


def post(client: Client, name: str, *args: object, **fields: str) -> str:
    """What a form of that page answers: where to, or nothing."""
    words = {key.replace("__", "-"): value for key, value in fields.items()}
    return client.post(reverse(name, args=args), words).headers.get("Location", "")


@pytest.mark.django_db(transaction=True)
def test_no_flow_leaves_a_secret_an_address_or_a_number_in_any_log(lines: io.StringIO) -> None:
    hanako = people.person("hanako", mails=2, phones=(people.OLD, people.SECOND))
    client, network = Client(headers={"accept-language": "en"}), "198.51.100.77"
    typed = ["wrong password of hanako", people.PASSWORD, "a new road over the hill", people.CODES[0], "918273"]
    client.defaults["REMOTE_ADDR"] = network

    step = {"login_view__current_step": "auth", "auth__email": hanako.email}
    post(client, "sign_in", **step, auth__password=typed[0])
    post(client, "sign_in", **step, auth__password=people.PASSWORD)
    post(client, "sign_in", login_view__current_step="token", token__code=typed[4])
    typed.append(people.app_code(steps=-1))
    assert post(client, "sign_in", login_view__current_step="token", token__code=typed[-1])

    typed.append(people.app_code())
    client.post(f"{reverse('step_up')}?for=change_number", {"way": "totp", "code": typed[-1]})
    number = hanako.phones.order_by("pk")[0]
    post(client, "phone_change", replace=str(number.pk), phone="090-8765-4321")
    client.post(f"{reverse('phone_change')}?replace={number.pk}", {"phone": "090-8765-4321"})
    sent = Challenge.objects.filter(to="+819087654321").latest("created_at")
    typed.append(sent.code)
    assert post(client, "phone_change_code", code=sent.code) == reverse("phone_changed")

    stranger = Client()
    post(stranger, "password_forgot", email=hanako.email)
    requests.resolve(str(AddressRequest.objects.latest("created_at").pk))
    token = Link.objects.filter(kind="password_reset").latest("created_at").token
    stranger.get(reverse("password_reset", args=[token]))
    assert post(stranger, "password_reset_form", password=typed[2]) == reverse("password_reset_done")

    claimant = people.Claimant()
    claimant.ask("email", hanako.email)
    typed.append(claimant.code("email"))
    assert claimant.by_mail() == 302
    claimant.prove("saved-code", people.CODES[1])
    claimant.prove("totp", typed[4])
    not_me = Link.objects.filter(kind="not_me").latest("created_at").token
    post(stranger, "not_me_link", not_me)

    kinds = {json.loads(line)["type"] for line in lines.getvalue().splitlines() if '"type"' in line}
    assert {"session.sign_in.failed", "session.second_factor.failed", "session.sign_in.succeeded"} <= kinds
    assert {"step_up.succeeded", "phone.changed", "password.reset", "case.opened", "not_me.used"} <= kinds
    secrets = [
        *typed,
        *people.CODES,
        token,
        not_me,
        network,
        "198.51.100",
        client.session.session_key,
        claimant.cookie(),
    ]
    secrets += [code for one in Challenge.objects.all() for code in (one.code, one.nonce)]
    secrets += [one.email for one in Address.objects.all()] + [hanako.email.split("@")[0]]
    secrets += ["9012345601", "7033334444", "9087654321", "90-1234-5601", "90-8765-4321"]
    text = lines.getvalue()
    assert [one for one in secrets if re.search(rf"(?<![0-9a-f-]){re.escape(one)}(?![0-9a-f-])", text)] == []


@pytest.mark.django_db(transaction=True)
def test_a_line_tells_who_by_a_name_only_the_keys_can_make_and_joins_its_request(lines: io.StringIO) -> None:
    hanako = people.person("hanako")
    client = Client(headers={"x-request-id": "abcdef0123456789"})
    form = {"login_view__current_step": "auth", "auth__email": hanako.email, "auth__password": "wrong"}
    post(client, "sign_in", **form)
    post(client, "sign_in", **form)
    first, second = (json.loads(line) for line in lines.getvalue().splitlines() if "authn_login_fail" in line)
    assert first["event"] == "authn_login_fail"
    assert first["type"] == "session.sign_in.failed"
    assert first["level"] == "WARNING"
    assert first["request_id"] == "abcdef0123456789" == SecurityEvent.objects.earliest("pk").request_id
    assert first["user"] == second["user"]
    assert len(first["user"]) == 24
    assert first["message"] == f"authn_login_fail:{first['user']}"


@pytest.mark.django_db(transaction=True)
def test_no_value_breaks_its_line(lines: io.StringIO) -> None:
    events.record("session.ended", None, CTX, why="one\r\ntwo\u2028three\x1b[31m")
    (line,) = lines.getvalue().splitlines()
    assert json.loads(line)["data"] == {"why": "one\r\ntwo\u2028three\x1b[31m"}


def test_a_fault_at_a_mailed_link_does_not_log_its_token() -> None:
    path = reverse("password_reset", args=["a-token-that-opens"])
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    record = logging.makeLogRecord({"msg": "Internal Server Error: %s", "args": (path,), "request": request})
    written = logs.JsonFormatter().format(record)
    assert "a-token-that-opens" not in written
    assert "/password/reset/[token]/" in written


def test_the_portals_own_logger_is_on() -> None:
    assert settings.LOGGING["loggers"]["modoru"]["level"] == "INFO"
