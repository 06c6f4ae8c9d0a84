"""In which language and time zone an account is spoken to."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User


def speak(user: User, language: str) -> None:
    """From now on letters and pages of this account are in that language, one of the portal's own."""
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)


def choose(user: User, language: str, timezone: str) -> None:
    """From now on letters and pages of this account speak that language and that zone's time; both judged by a form."""
    User.objects.filter(pk=user.pk).update(language=language, timezone=timezone)
