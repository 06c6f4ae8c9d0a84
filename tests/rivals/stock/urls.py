"""The stock addresses, and Django's own password reset."""

from __future__ import annotations

from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetDoneView, PasswordResetView
from django.urls import include, path
from two_factor.urls import urlpatterns as two_factor

urlpatterns = [
    path("", include(two_factor)),
    path("password/", PasswordResetView.as_view(), name="password_reset"),
    path("password/sent/", PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("password/<uidb64>/<token>/", PasswordResetConfirmView.as_view(), name="password_reset_confirm"),
]
