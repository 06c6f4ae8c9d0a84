"""Help, accessibility and health, open to all; papers in a recovery and identity on file; the agents' site."""

from __future__ import annotations

from django.urls import path

from support.site import site
from support.views import cases, health, identity, pages, well_known

urlpatterns = [
    path("help/", pages.HelpView.as_view(), name="help"),
    path("support/cases/<str:reference>/", cases.case, name="support_case"),
    path("support/cases/<str:reference>/documents/", cases.documents, name="support_documents"),
    path("support/cases/<str:reference>/documents/<uuid:paper>/<int:page>/", cases.picture, name="support_page"),
    path("support/cases/<str:reference>/video/", cases.video, name="support_video"),
    path("account/identity/", identity.identity, name="identity"),
    path("account/identity/documents/", identity.documents, name="identity_documents"),
    path("account/identity/documents/<uuid:paper>/<int:page>/", identity.picture, name="identity_page"),
    path("account/identity/remove/", identity.remove, name="identity_remove"),
    path("accessibility/", pages.AccessibilityView.as_view(), name="accessibility"),
    path(".well-known/change-password", well_known.change_password, name="well_known_change_password"),
    path(".well-known/passkey-endpoints", well_known.passkey_endpoints, name="well_known_passkey_endpoints"),
    path(".well-known/security.txt", well_known.security_txt, name="well_known_security_txt"),
    path("agents/", site.urls),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
