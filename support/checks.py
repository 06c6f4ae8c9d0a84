"""System checks of this floor: what an operator must not forget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from accounts import clock
from support.views.well_known import expires

SOONEST, LATEST = timedelta(days=30), timedelta(days=365)


@register(Tags.security, deploy=True)
def security_txt_is_fresh(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The day named in security.txt lies ahead, and not so far that nobody looks at it again (RFC 9116 §2.5.5)."""
    try:
        ahead = expires() - clock.now()
    except ValueError:
        return [Error("SECURITY_TXT_EXPIRES is no day such as 2027-03-31.", id="support.E001")]
    if SOONEST <= ahead <= LATEST:
        return []
    return [Error("SECURITY_TXT_EXPIRES must lie 30 to 365 days ahead.", id="support.E002")]
