"""A project on the stock views, plugins and templates. Nothing of ours is imported here, and nothing is weakened."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url

SECRET_KEY = "a made-up key of the rivals' test project, long enough"
ALLOWED_HOSTS = ["testserver"]
DEBUG = False
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_email",
    "phonenumber_field",
    "two_factor",
    "two_factor.plugins.phonenumber",
    "two_factor.plugins.email",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
]
ROOT_URLCONF = "tests.rivals.stock.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],  # a bare frame; every page is the stock one
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL", "sqlite://:memory:"))}
# The packages' tables straight from their models, under a name of this process's own.
DATABASES["default"]["TEST"] = {"MIGRATE": False}
if "DATABASE_URL" in os.environ:
    DATABASES["default"]["TEST"]["NAME"] = f"rival_{os.getpid()}"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "two_factor:login"
LOGIN_REDIRECT_URL = "two_factor:profile"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # speed; no fault here is about passwords
TWO_FACTOR_SMS_GATEWAY = "tests.rivals.stock.gateway.Telephone"
PHONENUMBER_DEFAULT_REGION = "JP"
