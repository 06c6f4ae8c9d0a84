"""What both rivals' settings share: the project that `django-admin startproject` makes, served as the portal is.

Same server line, database, connections, hasher and time zone as the portal; nothing of theirs is weakened or slowed.
"""

from __future__ import annotations

import os
from typing import Any

import dj_database_url

SECRET_KEY = "a made-up key of the bench's rivals, long enough to be taken"  # noqa: S105 - of projects that live for one bench
ALLOWED_HOSTS = ["localhost", "testserver"]
DEBUG = False
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"
LANGUAGE_CODE = "en"
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
if not DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ARGON2_MEMORY_KIB = int(os.environ["ARGON2_MEMORY_KIB"])
PASSWORD_HASHERS = ["accounts.hashers.PortalArgon2Hasher"]

DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
DJANGO_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
