"""Help, accessibility and health: open to all. The agents' site."""

from __future__ import annotations

from django.urls import path

from support.site import site
from support.views import health, pages, well_known

urlpatterns = [
    path("help/", pages.HelpView.as_view(), name="help"),
    path("accessibility/", pages.AccessibilityView.as_view(), name="accessibility"),
    path(".well-known/change-password", well_known.change_password, name="well_known_change_password"),
    path(".well-known/passkey-endpoints", well_known.passkey_endpoints, name="well_known_passkey_endpoints"),
    path(".well-known/security.txt", well_known.security_txt, name="well_known_security_txt"),
    path("agents/", site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
