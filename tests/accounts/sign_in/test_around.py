"""What stands around every page: ids, headers, logs, checks, the engine's seam."""

from __future__ import annotations

import json
import logging

import pytest
from django.apps import apps
from django.test import Client
from two_factor.plugins.registry import MethodBase, registry

from accounts import agents, checks, logs, two_factor
from accounts.authenticators.registry import SECOND_FACTORS
from tests.accounts.sign_in.conftest import sign_in
from tests.passkeys import passkey_of

pytestmark = pytest.mark.django_db


class TestHeaders:
    def test_a_well_formed_request_id_is_kept_and_another_replaced(self, browser):
        assert browser.get("/sign-in/", headers={"x-request-id": "abc-12345678"})["X-Request-ID"] == "abc-12345678"
        assert browser.get("/sign-in/", headers={"x-request-id": "a b"})["X-Request-ID"] != "a b"

    def test_every_page_says_what_it_may_use_and_who_may_embed_it(self, browser):
        page = browser.get("/sign-in/")
        allowed = page["Permissions-Policy"]
        for own in ("publickey-credentials-get", "publickey-credentials-create", "otp-credentials"):
            assert f"{own}=(self)" in allowed
        assert "geolocation=()" in allowed
        assert page["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_personal_pages_are_kept_nowhere(self, browser, hanako):
        sign_in(browser, hanako)
        page = browser.get("/account/step-up/?for=withdraw")
        assert page["Cache-Control"] == "no-store"
        assert "noindex" in page["X-Robots-Tag"]

    def test_an_old_form_gets_a_page_that_helps(self, hanako):
        strict = Client(enforce_csrf_checks=True)
        page = strict.post("/sign-in/", {"login_view-current_step": "auth"})
        assert page.status_code == 403
        assert "古く" in page.content.decode()


def test_the_language_switch_is_remembered_in_the_account_too(browser, hanako):
    sign_in(browser, hanako)
    browser.post("/language/", {"language": "ja", "next": "/"})
    hanako.user.refresh_from_db()
    assert hanako.user.language == "ja"
    browser.post("/language/", {"language": "xx", "next": "/"})
    hanako.user.refresh_from_db()
    assert hanako.user.language == "ja"


class TestLogs:
    def line(self, **more) -> str:
        record = logging.makeLogRecord({"msg": "authn_login_fail", "name": "modoru.security", "levelno": 30, **more})
        return logs.JsonFormatter().format(record)

    def test_one_event_is_one_line_whatever_is_in_it(self):
        line = self.line(agent='Fire\r\nfox {"level":"x"}\u2028')
        assert "\n" not in line
        assert "\u2028" not in line
        assert json.loads(line)["agent"] == 'Fire\r\nfox {"level":"x"}\u2028'

    def test_it_is_in_utc_and_leaves_the_request_out(self):
        line = json.loads(self.line(request="<WSGIRequest: POST '/sign-in/'>"))
        assert line["time"].endswith("Z")
        assert "request" not in line

    def test_a_failed_sign_in_logs_no_address_and_no_secret(
        self, browser, hanako, caplog, django_capture_on_commit_callbacks
    ):
        from tests.accounts.sign_in.conftest import give_password

        with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
            give_password(browser, "hanako@example.jp", "a wrong secret")
        text = "\n".join(logs.JsonFormatter().format(record) for record in caplog.records)
        assert "authn_login_fail" in text
        assert "hanako" not in text
        assert "a wrong secret" not in text


class TestChecks:
    def test_the_present_settings_pass(self):
        assert not checks.rules_make_sense(None)
        assert not checks.registries_agree(None)
        assert not checks.keys_parse(None)
        assert not checks.foreign_tables_are_empty(None, databases=["default"])

    def test_a_strange_method_in_the_engines_registry_is_seen(self):
        class Strange(MethodBase):
            code = "voice"

        registry.register(Strange())
        try:
            assert checks.registries_agree(None)[0].id == "accounts.E002"
        finally:
            registry.unregister("voice")

    def test_a_row_in_a_readable_table_is_seen(self, hanako):
        apps.get_model("otp_totp.TOTPDevice").objects.create(user=hanako.user, name="default")
        assert checks.foreign_tables_are_empty(None, databases=["default"])[0].id == "accounts.E007"

    def test_preview_gateways_and_plain_http_do_not_go_live(self, settings):
        found = {one.id for one in checks.safe_outside_of_development(None)}
        assert {"accounts.E004", "accounts.E005", "accounts.W001"} <= found
        settings.EMAIL_URL, settings.SMS_URL = "smtp://mail", "https://sms"
        settings.BASE_URL, settings.ARGON2_MEMORY_KIB = "https://account.example.jp", 47104
        assert not checks.safe_outside_of_development(None)


class TestTheEnginesSeam:
    def test_its_registry_holds_exactly_ours_in_our_order(self):
        assert [method.code for method in registry.get_methods()] == [one.code for one in SECOND_FACTORS]

    def test_its_registry_stays_ours_when_settings_change(self, settings):
        settings.TWO_FACTOR_CALL_GATEWAY = None
        assert isinstance(registry.get_method("sms"), two_factor.Method)

    def test_a_device_of_its_own_is_never_challenged(self):
        with pytest.raises(TypeError):
            two_factor.OutboxGateway().send_sms(device=object(), token="123456")

    def test_each_method_knows_its_rows(self, hanako):
        rows = (passkey_of(hanako.user), hanako.app, hanako.phone, hanako.sheet)
        for method, row in zip(registry.get_methods(), rows, strict=True):
            assert method.recognize_device(row)
            assert list(method.get_devices(hanako.user)) == [row]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("", ""),
        ("\x00" * 5000, ""),
    ],
)
def test_a_browser_is_named_coarsely(header, said):
    assert agents.coarse(header) == said
