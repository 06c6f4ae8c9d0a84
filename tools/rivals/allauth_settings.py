"""django-allauth out of the box with its MFA app: its views, its templates, TOTP and recovery codes."""

from __future__ import annotations

from tools.rivals import common
from tools.rivals.common import *  # noqa: F403 - settings are names

INSTALLED_APPS = [*common.DJANGO_APPS, "allauth", "allauth.account", "allauth.mfa"]
MIDDLEWARE = [*common.DJANGO_MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ROOT_URLCONF = "tools.rivals.allauth_urls"
LOGIN_REDIRECT_URL = "mfa_index"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ALLAUTH_TRUSTED_PROXY_COUNT = 1  # its limits count networks, and the bench gives each person one
MFA_TOTP_TOLERANCE = 1  # as the others: a code typed as its thirty seconds end is right
