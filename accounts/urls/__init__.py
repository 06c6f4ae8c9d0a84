"""Addresses of the pages of this app, one file per group."""

from __future__ import annotations

from accounts.urls import account, authenticators, dev, hooks, operations, sign_in, sign_up

urlpatterns = [
    *sign_in.urlpatterns,
    *sign_up.urlpatterns,
    *account.urlpatterns,
    *authenticators.urlpatterns,
    *operations.urlpatterns,
    *hooks.urlpatterns,
    *dev.urlpatterns,
]
