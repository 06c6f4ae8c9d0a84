"""The event types of this app: which letter tells of them, and which need none."""

from __future__ import annotations

from datetime import timedelta

from accounts.outbox.notices import Notice, register

DAY = timedelta(days=1)

NOTICES: dict[str, Notice] = {
    "totp.added": Notice("notices/totp_added"),
    "totp.removed": Notice("notices/totp_removed"),
    "passkey.added": Notice("notices/passkey_added"),
    "passkey.removed": Notice("notices/passkey_removed"),
    # Its counter fell behind: there are two of it, and one is a stranger's (WebAuthn §6.1.1).
    "passkey.copied": Notice("notices/passkey_copied"),
    "codes.added": Notice("notices/codes_replaced"),
    "codes.replaced": Notice("notices/codes_replaced"),
    "codes.used": Notice("notices/codes_used"),
    "codes.removed": Notice("notices/codes_removed"),
    "codes.low": Notice("notices/codes_low", not_me=False, sms=False),
    "phone.added": Notice("notices/phone_added"),
    "phone.changed": Notice("notices/phone_changed"),
    "phone.removed": Notice("notices/phone_removed"),
    # The number's holder says it is not their account: it changes nothing else, so there is nothing to take back (R9).
    "phone.stopped": Notice("notices/phone_stopped", not_me=False),
    "address.added": Notice("notices/address_added"),
    "address.removed": Notice("notices/address_removed"),
    "address.made_primary": Notice("notices/address_made_primary"),
    "password.changed": Notice("notices/password_changed"),
    "password.reset": Notice("notices/password_reset"),
    # Anybody can ask for a reset of anybody: told, but not as often as a stranger likes.
    "password.reset_requested": Notice("notices/password_reset_requested", sms=False, once_per=DAY),
    "payout.added": Notice("notices/payout_added"),
    "payout.removed": Notice("notices/payout_removed"),
    "identity.added": Notice("notices/identity_added"),
    "identity.removed": Notice("notices/identity_removed"),
    "withdrawal.made": Notice("notices/withdrawal_made", sms=False),
    "account.closing": Notice("notices/account_closing"),
    "account.closing_halfway": Notice("notices/account_closing_ends", sms=False),
    "account.closing_hour_left": Notice("notices/account_closing_ends"),
    "account.kept_open": Notice("notices/account_kept_open", not_me=False, sms=False),
    "account.closed": Notice("notices/account_closed"),
    "account.exported": Notice("notices/account_exported", sms=False),
    "authenticator.lost": Notice("notices/authenticator_lost"),
    "authenticator.found": Notice("notices/authenticator_found"),
    # A complete sign-in from a browser not known, where others were. By mail: private windows would cost an SMS each.
    "session.new_browser": Notice("notices/new_browser", sms=False),
    # Somebody knows the password and tries second factors (ASVS 6.3.5).
    "session.sign_in.throttled": Notice("notices/sign_in_throttled", sms=False, once_per=DAY),
    "session.second_factor.failed": Notice("notices/second_factor_failed", sms=False, once_per=DAY),
    # A hundred wrong codes in a row: it must be bound again (SP 800-63B-4 §3.2.2).
    "authenticator.disabled": Notice("notices/authenticator_disabled", sms=False),
    "not_me.used": Notice("notices/not_me_used", not_me=False),
}

SILENT: set[str] = {
    "account.created",
    "session.sign_in.succeeded",
    "session.sign_in.failed",
    "session.signed_out",
    "session.ended",
    "session.others_ended",
    "browser.forgotten",
    "step_up.succeeded",
    "step_up.failed",
    "code.refused",
    "limit.exceeded",
    "sms.sending.paused",  # concerns no one account; operators get a letter of their own
    "totp.renamed",
    "passkey.renamed",
    "device.replaced",
    "phone.confirmed",
    "phone.renamed",
    "address.renamed",
    "codes.downloaded",
    "withdrawal.refused",
    "api_key.created",
    "api_key.revoked",
}

register(NOTICES, SILENT)
