from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import activity, authenticators, moving, passkeys, recovery_codes, sessions

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/authenticators/", authenticators.authenticators, name="authenticators"),
    path("account/authenticators/moving/", moving.moving, name="moving"),
    path("account/authenticators/moving/new-phone/", moving.new_phone, name="moving_new_phone"),
    path("account/authenticators/moving/lost/", moving.lost, name="moving_lost"),
    path("account/authenticators/moving/gone/", moving.gone, name="moving_gone"),
    path("account/authenticators/moving/clock/", moving.clock, name="moving_clock"),
    path("account/authenticators/add/<slug:kind>/", authenticators.add, name="authenticators_add"),
    path("account/authenticators/add/sms/<int:pk>/", authenticators.add_number_code, name="authenticators_add_code"),
    path("account/authenticators/totp/<int:pk>/", authenticators.app, name="authenticator"),
    path("account/authenticators/totp/<int:pk>/rename/", authenticators.rename, name="authenticator_rename"),
    path("account/authenticators/totp/<int:pk>/backed-up/", authenticators.backed_up, name="authenticator_backed_up"),
    path("account/authenticators/totp/<int:pk>/remove/", authenticators.remove, name="authenticator_remove"),
    path("account/authenticators/passkey/<int:pk>/", passkeys.passkey, name="passkey"),
    path("account/authenticators/passkey/<int:pk>/rename/", passkeys.rename, name="passkey_rename"),
    path("account/authenticators/passkey/<int:pk>/remove/", passkeys.remove, name="passkey_remove"),
    path("account/authenticators/<slug:kind>/<int:pk>/lost/", authenticators.lost, name="authenticator_lost"),
    path("account/recovery-codes/", recovery_codes.recovery_codes, name="recovery_codes"),
    path("account/recovery-codes/new/", recovery_codes.new, name="recovery_codes_new"),
    path("account/recovery-codes/confirm/", recovery_codes.confirm, name="recovery_codes_confirm"),
    path("account/recovery-codes/download/", recovery_codes.download, name="recovery_codes_download"),
    path("account/sessions/", sessions.sessions, name="sessions"),
    path("account/sessions/stay/", sessions.session_stay, name="session_stay"),
    path("account/sessions/<slug:public_id>/end/", sessions.session_end_one, name="session_end"),
    path("account/sessions/browsers/forget/", sessions.browsers_forget, name="browsers_forget"),
    path("account/sessions/browsers/<int:pk>/forget/", sessions.browser_forget, name="browser_forget"),
    path("account/activity/", activity.activity, name="activity"),
]
