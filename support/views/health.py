"""Health for machines: alive, and ready."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process serves; touches nothing."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated, else 503. Names only.

    The broker is not asked: without it pages work and the sweep sends what the bell missed.
    """
    try:
        executor = MigrationExecutor(connection)
        migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        parts = {"database": True, "migrations": migrated}
    except DatabaseError:
        parts = {"database": False, "migrations": False}
    return JsonResponse(parts, status=200 if all(parts.values()) else 503)
