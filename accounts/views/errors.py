"""Error pages (being built)."""
from django.views.defaults import bad_request, page_not_found as not_found, permission_denied as forbidden, server_error  # noqa
csrf_failure = forbidden
