"""Help, accessibility and health: open to all."""

from __future__ import annotations

from django.urls import path

from support.views import health, pages

urlpatterns = [
    path("help/", pages.HelpView.as_view(), name="help"),
    path("accessibility/", pages.AccessibilityView.as_view(), name="accessibility"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
