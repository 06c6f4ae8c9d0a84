"""Doors for machines."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import sms_hooks

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/sms/<str:gateway>/", sms_hooks.sms_status, name="sms_status"),
]
