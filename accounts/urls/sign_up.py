from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import front, set_up, sign_up

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.front, name="front"),
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/code/", sign_up.sign_up_code, name="sign_up_code"),
    path("sign-up/code/again/", sign_up.sign_up_again, name="sign_up_again"),
    path("sign-up/password/", sign_up.sign_up_password, name="sign_up_password"),
    path("account/set-up/", set_up.set_up, name="set_up"),
]
