"""The host platform's door: how an account stands, for who holds a bearer key. JSON alone, no session, no cookie."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts import host
from accounts.errors import Refused, Why
from accounts.models import User
from accounts.services import api_keys
from accounts.views.errors import retry_after

SCHEMA_FILE = Path(__file__).parents[1] / "schemas" / "standing.schema.json"


@csrf_exempt
@login_not_required
def standing(request: HttpRequest, subject: str) -> HttpResponse:
    """How this account stands. First the key, then the question: who has none learns nothing of any subject."""
    if request.method not in ("GET", "HEAD"):
        return _answer(405, {"error": "method_not_allowed"}, Allow="GET, HEAD")
    key = api_keys.check(request.headers.get("Authorization", ""))
    if isinstance(key, Refused) and key.why is Why.THROTTLED:
        return retry_after(_answer(429, {"error": "too_many_requests"}), key.until)
    if isinstance(key, Refused):
        return _answer(401, {"error": "unauthorized"}, **{"WWW-Authenticate": 'Bearer realm="standing"'})
    user = _subject(subject)
    if user is None:
        return _answer(404, {"error": "unknown_subject"})
    return _answer(200, host.standing(user))


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def standing_schema(request: HttpRequest) -> HttpResponse:
    """The form of the answer, as JSON Schema; open to all."""
    return HttpResponse(_schema(), content_type="application/schema+json")


@cache
def _schema() -> bytes:
    return SCHEMA_FILE.read_bytes()


def _subject(text: str) -> User | None:
    try:
        return User.objects.filter(subject=UUID(text)).first()
    except ValueError:
        return None


def _answer(status: int, body: dict[str, Any], **headers: str) -> JsonResponse:
    words = {"Cache-Control": "no-store", **headers}
    return JsonResponse(body, status=status, headers=words, json_dumps_params={"ensure_ascii": False})
