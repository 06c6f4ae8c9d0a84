"""What rests, the copy of one's data, closing the account; and the host platform's door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from accounts.views import closing, export, holds, host

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/holds/", holds.holds, name="holds"),
    path("account/export/", export.export, name="export"),
    path("account/close/", closing.close, name="close"),
    path("account/close/confirm/", closing.close_confirm, name="close_confirm"),
    path("account/close/keep/", closing.close_keep, name="close_keep"),
    path("api/v1/standing/<str:subject>", host.standing, name="standing"),
    path("api/v1/standing.schema.json", host.standing_schema, name="standing_schema"),
]
