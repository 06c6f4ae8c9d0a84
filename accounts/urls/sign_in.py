from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import sign_in, step_up

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", sign_in.LoginView.as_view(), name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("account/step-up/", step_up.confirm, name="step_up"),
]
