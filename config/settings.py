"""Settings of the portal. The environment is read here and nowhere else; every default is safe for production."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.secrets import development_secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG")
TESTING = env.flag("MODORU_TESTING")

SECRET_KEY = env.text("SECRET_KEY") or (development_secret(VAR_DIR, "secret-key") if DEBUG or TESTING else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Give a random text of 50 characters or more.")
# "<key id>:<base64 of 32 bytes>", newest first; older ones only decrypt. Kept apart from SECRET_KEY.
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS") or (
    [development_secret(VAR_DIR, "encryption-key")] if DEBUG or TESTING else []
)
if not ENCRYPTION_KEYS:
    raise ImproperlyConfigured('ENCRYPTION_KEYS is not set. Give "<key id>:<base64 of 32 random bytes>".')

PORT = env.number("PORT", 8000, low=1, high=65535)
BASE_URL = env.text("BASE_URL", f"http://localhost:{PORT}" if DEBUG or TESTING else "").rstrip("/")
if not BASE_URL:
    raise ImproperlyConfigured("BASE_URL is not set. Give the public address, such as https://account.example.jp.")
PUBLIC_HOST = urlsplit(BASE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver" if DEBUG or TESTING else PUBLIC_HOST)
SECURE = BASE_URL.startswith("https://")

SERVICE_NAME = env.text("SERVICE_NAME", "Modoru")
MAIL_FROM = env.text("MAIL_FROM", f"{SERVICE_NAME} <account@{PUBLIC_HOST}>")
REPLY_TO = env.text("REPLY_TO", f"support@{PUBLIC_HOST}")
# When security.txt is to be looked at anew, as 2027-03-31; empty: always half a year ahead.
SECURITY_TXT_EXPIRES = env.text("SECURITY_TXT_EXPIRES")

INSTALLED_APPS = [
    "accounts",
    "recovery",
    "support",
    "django.contrib.admin.apps.SimpleAdminConfig",  # the agents' own site (support/site.py); no other is looked for
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    # Only for the foreign keys of the sign-in engine; a check sees that their tables stay empty.
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "phonenumber_field",
    "two_factor",
    "two_factor.plugins.phonenumber",
    "django_otp_webauthn",  # the record of a passkey is ours (accounts.Passkey), the random user handles are its own
    "csp",
    "config",
]

MIDDLEWARE = [
    "accounts.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.AccountMiddleware",
    "accounts.middleware.KnownBrowserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
FORM_RENDERER = "accounts.form_rendering.FormRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n", "accounts.templatetags.modoru"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.context_processors.portal",
            ],
        },
    },
]

# --- data -------------------------------------------------------------------------------------------------------------
DATABASES = {"default": dj_database_url.parse(env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a transaction that will write takes its lock at the start, so two of them queue and never deadlock.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # Redis is the broker, nothing else

# --- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AddressBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "front"
ARGON2_MEMORY_KIB = env.number("ARGON2_MEMORY_KIB", 46 * 1024, low=8, high=4 * 1024 * 1024)
PASSWORD_HASHERS = ["accounts.hashers.PortalArgon2Hasher"]
PASSWORD_MIN_WITH_FACTOR, PASSWORD_MIN_ALONE = 8, 15
PASSWORD_RESET_TIMEOUT = 3600

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrftoken"
CSRF_FAILURE_VIEW = "accounts.views.errors.csrf_failure"
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE else "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
BROWSER_COOKIE_NAME = "__Host-browser" if SECURE else "browser"
CASE_COOKIE_NAME = "__Host-case" if SECURE else "case"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

TWO_FACTOR_LOGIN_TIMEOUT = 600
TWO_FACTOR_REMEMBER_COOKIE_AGE = None
TWO_FACTOR_PATCH_ADMIN = False
TWO_FACTOR_SMS_GATEWAY = "accounts.two_factor.OutboxGateway"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
OTP_WEBAUTHN_CREDENTIAL_MODEL = "accounts.Passkey"
OTP_WEBAUTHN_HELPER_CLASS = "accounts.relying_party.RelyingParty"
# Constant: a passkey belongs to this name for ever, and moving the portal to another one loses them all.
OTP_WEBAUTHN_RP_ID, OTP_WEBAUTHN_RP_NAME = PUBLIC_HOST, SERVICE_NAME
OTP_WEBAUTHN_ALLOWED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]
PHONENUMBER_DEFAULT_REGION = "JP"
PHONENUMBER_DB_FORMAT = "E164"
SMS_COUNTRIES = env.words("SMS_COUNTRIES", "JP")
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, high=8)

# --- language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

# --- files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not (DEBUG or TESTING)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# --- headers ----------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }
}
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63072000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- letters ----------------------------------------------------------------------------------------------------------
EMAIL_URL = env.text("EMAIL_URL", "preview:" if DEBUG or TESTING else "")  # preview: | smtp://user:pass@host:port?tls=1
SMS_URL = env.text("SMS_URL", "preview:" if DEBUG or TESTING else "")  # providers in their order: docs/operating-sms.md
# Beyond these no code leaves by SMS until the window is over, and OPERATOR_MAIL is told (accounts/throttling.py).
SMS_PER_MINUTE = env.number("SMS_PER_MINUTE", 60, low=1)
SMS_PER_HOUR = env.number("SMS_PER_HOUR", 600, low=1)
SMS_PER_RANGE = env.number("SMS_PER_RANGE", 20, low=1)  # in ten minutes to numbers that begin alike
OPERATOR_MAIL = env.words("OPERATOR_MAIL")

# --- tasks ------------------------------------------------------------------------------------------------------------
GEOIP_FILE = env.text("GEOIP_FILE")  # a country database in MaxMind's format; empty: countries are not looked at
REDIS_URL = env.text("REDIS_URL")  # empty: the embedded broker's socket under var/
CLOCK_FILE = VAR_DIR / "clock-offset"

LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "accounts.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"modoru": {"level": LOG_LEVEL}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS = ["security.W003"] if TESTING else []
