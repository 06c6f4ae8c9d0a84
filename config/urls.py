"""The doors of the portal (product §11)."""

from __future__ import annotations

from django.urls import include, path

from accounts.views.language import set_language

urlpatterns = [
    path("language/", set_language, name="set_language"),
    path("", include("accounts.urls")),
    path("", include("recovery.urls")),
    path("", include("support.urls")),
]

handler400 = "accounts.views.errors.bad_request"
handler403 = "accounts.views.errors.forbidden"
handler404 = "accounts.views.errors.not_found"
handler500 = "accounts.views.errors.server_error"
