"""The agents' own admin site: Django's lists behind our door, our case file, no way in beside the portal's sign-in."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

from support import admin, entry
from support.views import agents


class AgentSite(AdminSite):
    """Stock admin lists, read-only. Sign-in, sign-out and passwords are the portal's: no stock view of them exists."""

    site_title = site_header = _("Agents")
    site_url = None
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """A role, and what the door asks: the second of two guards, behind `entry.agents_only`."""
        return entry.has_role(request) and entry.verdict(request).allowed

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return entry.agents_only(super().admin_view(view, cacheable))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return []  # the stock start page is not used, and its addresses do not exist

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        return agents.queue(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("", self.admin_view(self.index), name="index"),
            path("reviews/<uuid:pk>/", self.admin_view(agents.review), name="review"),
            path("reviews/<uuid:pk>/<slug:deed>/", self.admin_view(agents.deed), name="review_deed"),
            path("papers/<uuid:paper>/<int:page>/", agents.paper, name="paper"),
            *(
                path(f"lists/{model._meta.model_name}/", include(self._registry[model].urls))
                for model in admin.LISTS
            ),
        ]  # fmt: skip


site = AgentSite(name="agents")
for _model, _list in admin.LISTS.items():
    site.register(_model, _list)
