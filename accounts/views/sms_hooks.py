"""Where SMS providers say what became of a text. No page: nobody but a provider has business here."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import context
from accounts.errors import Refused, Why
from accounts.services import receipts
from accounts.views.errors import retry_after

MOST = 16 * 1024  # bytes; a receipt has a few hundred


@csrf_exempt
@login_not_required
@require_POST
def sms_status(request: HttpRequest, gateway: str) -> HttpResponse:
    """Take a signed callback. The signature covers our public address, never the Host a stranger may send."""
    if len(request.body) > MOST:
        return HttpResponse(status=413)
    url = settings.BASE_URL + request.get_full_path()
    ctx = context.from_request(request)
    taken = receipts.take(gateway, url=url, headers=request.headers, body=request.body, ctx=ctx)
    if not isinstance(taken, Refused):
        return HttpResponse(status=204)  # also for what is unknown here: the answer tells nothing
    if taken.why is Why.THROTTLED:
        return retry_after(HttpResponse(status=429), taken.until)
    return HttpResponse(status=403)
