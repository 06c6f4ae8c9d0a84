from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import account, addresses, language, losses, not_me, password, phone_change, withdrawal

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", account.account, name="account"),
    path("account/security/", account.security, name="security"),
    path("account/language/", language.account_language, name="account_language"),
    path("account/phone/change/", phone_change.phone_change, name="phone_change"),
    path("account/phone/change/code/", phone_change.phone_change_code, name="phone_change_code"),
    path("account/phone/change/done/", phone_change.phone_changed, name="phone_changed"),
    path("account/phone/<int:pk>/remove/", phone_change.phone_remove, name="phone_remove"),
    path("account/authenticators/<slug:kind>/<int:pk>/found/", losses.authenticator_found, name="authenticator_found"),
    path("account/addresses/", addresses.addresses, name="addresses"),
    path("account/addresses/add/", addresses.address_add, name="address_add"),
    path("account/addresses/<int:pk>/code/", addresses.address_code, name="address_code"),
    path("account/addresses/<int:pk>/remove/", addresses.address_remove, name="address_remove"),
    path("account/addresses/<int:pk>/primary/", addresses.address_primary, name="address_primary"),
    path("account/password/", password.password_change, name="password_change"),
    path("account/withdrawal/", withdrawal.withdrawal, name="withdrawal"),
    path("account/withdrawal/<int:pk>/", withdrawal.withdrawal_made, name="withdrawal_made"),
    path("account/withdrawal/addresses/add/", withdrawal.payout_add, name="payout_add"),
    path("password/forgot/", password.password_forgot, name="password_forgot"),
    path("password/forgot/sent/", password.password_forgot_sent, name="password_forgot_sent"),
    path("password/reset/set/", password.password_reset_form, name="password_reset_form"),
    path("password/reset/done/", password.password_reset_done, name="password_reset_done"),
    path("password/reset/<str:token>/", password.password_reset, name="password_reset"),
    path("not-me/", not_me.not_me, name="not_me"),
    path("not-me/<str:token>/", not_me.not_me_link, name="not_me_link"),
]
