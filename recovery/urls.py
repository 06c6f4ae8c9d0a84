"""Doors of recovery (product §11)."""

from __future__ import annotations

from django.urls import path

from recovery.views import case, policy, prove, rebind, resume, roads

urlpatterns = [
    path("recovery/", roads.recovery, name="recovery"),
    path("recovery/start/", roads.start, name="recovery_start"),
    path("recovery/policy/", policy.policy, name="recovery_policy"),
    path("recovery/cases/<str:reference>/", case.case, name="case"),
    path("recovery/cases/<str:reference>/prove/<slug:method>/", prove.prove, name="case_prove"),
    path("recovery/cases/<str:reference>/rebind/", rebind.rebind, name="case_rebind"),
    path("recovery/cases/<str:reference>/rebind/codes.txt", rebind.codes_txt, name="case_codes"),
    path("recovery/cases/<str:reference>/cancel/", case.cancel, name="case_cancel"),
    path("recovery/cases/<str:reference>/resume/", resume.ask, name="case_resume_ask"),
    path("recovery/cases/<str:reference>/resume/<str:token>/", resume.resume, name="case_resume"),
    path("recovery/cases/<str:reference>/wait.ics", case.wait_ics, name="case_calendar"),
]
