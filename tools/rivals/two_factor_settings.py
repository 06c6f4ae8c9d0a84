"""django-two-factor-auth out of the box: its views, its templates, its TOTP and backup tokens."""

from __future__ import annotations

from tools.rivals import common
from tools.rivals.common import *  # noqa: F403 - settings are names

INSTALLED_APPS = [
    *common.DJANGO_APPS,
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "two_factor",
]
MIDDLEWARE = [*common.DJANGO_MIDDLEWARE, "django_otp.middleware.OTPMiddleware"]
ROOT_URLCONF = "tools.rivals.two_factor_urls"
LOGIN_URL = "two_factor:login"
LOGIN_REDIRECT_URL = "two_factor:profile"
