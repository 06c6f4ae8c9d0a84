"""Doors that exist only with DEBUG; their views answer 404 without it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import dev_components

urlpatterns: list[URLPattern | URLResolver] = [
    path("dev/components/", dev_components.components, name="dev_components"),
]
