"""Doors that exist only with DEBUG; their views answer 404 without it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import dev_components, dev_outbox

urlpatterns: list[URLPattern | URLResolver] = [
    path("dev/components/", dev_components.components, name="dev_components"),
    path("dev/outbox/", dev_outbox.outbox, name="dev_outbox"),
    path("dev/outbox.json", dev_outbox.outbox_json, name="dev_outbox_json"),
    path("dev/outbox/<uuid:message_id>/", dev_outbox.letter, name="dev_letter"),
    path("dev/outbox/<uuid:message_id>/html/", dev_outbox.letter_html, name="dev_letter_html"),
]
