"""Lists of the agents' site: to look at and to search, never to write. Deeds are buttons of the case file."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.wording import moment
from recovery.models import Case
from support import roles, wording
from support.forms import name_of
from support.models import Decision, Paper, Review


class ReadOnly(admin.ModelAdmin):
    """A list and nothing else: no form, no deletion, no deed on many at once (conventions §5.3)."""

    actions = None
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    media = Media()  # it needs no script, and the portal's policy would stop the stock ones

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return f"{self.opts.app_label}.view_{self.opts.model_name}" in roles.of(request.user)  # type: ignore[arg-type]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the reader's own account: nobody watches from here what is done about himself."""
        own = {"review__user": request.user} if self.model is Decision else {"user": request.user}
        return super().get_queryset(request).exclude(**own)


class ReviewList(ReadOnly):
    list_display = ("link", "about", "queued", "looked", "decided", "result")
    list_filter = ("what", "outcome")
    search_fields = ("case_reference",)
    list_select_related: ClassVar = ["user"]
    ordering = ("-queued_at",)

    @admin.display(description=_("Review"))
    def link(self, row: Review) -> str:
        name = row.case_reference or _("Account %(key)s") % {"key": row.user_id}
        return format_html('<a href="{}">{}</a>', reverse("agents:review", args=[row.pk]), name)

    @admin.display(description=_("About"))
    def about(self, row: Review) -> str:
        return str(wording.WHAT[row.what])

    @admin.display(description=_("Came in"), ordering="queued_at")
    def queued(self, row: Review) -> str:
        return moment(row.queued_at, zone=False)

    @admin.display(description=_("First look"), ordering="first_look_at")
    def looked(self, row: Review) -> str:
        return moment(row.first_look_at, zone=False) if row.first_look_at else "–"

    @admin.display(description=_("Decided"), ordering="decided_at")
    def decided(self, row: Review) -> str:
        return moment(row.decided_at, zone=False) if row.decided_at else "–"

    @admin.display(description=_("Outcome"))
    def result(self, row: Review) -> str:
        return str(wording.OUTCOMES.get(row.outcome, "–"))


class DecisionList(ReadOnly):
    list_display = ("at", "link", "by", "decision", "why")
    list_filter = ("what",)
    search_fields = ("review__case_reference",)
    list_select_related: ClassVar = ["review", "agent"]
    ordering = ("-at",)

    @admin.display(description=_("Review"))
    def link(self, row: Decision) -> str:
        name = row.review.case_reference or _("Account %(key)s") % {"key": row.review.user_id}
        return format_html('<a href="{}">{}</a>', reverse("agents:review", args=[row.review_id]), name)

    @admin.display(description=_("Agent"))
    def by(self, row: Decision) -> str:
        return row.agent.name or f"#{row.agent_id}"

    @admin.display(description=_("Decision"))
    def decision(self, row: Decision) -> str:
        return str(wording.DECIDED[row.what])

    @admin.display(description=_("Reason"))
    def why(self, row: Decision) -> str:
        return str(wording.REASONS.get(row.reason, row.reason))


class PaperList(ReadOnly):
    """What was sent and what became of it; the papers themselves open from the case file alone."""

    list_display = ("received_at", "kind_of_paper", "purpose", "case_reference", "state", "destroy_at", "destroyed_at")
    list_filter = ("purpose", "state")
    search_fields = ("case_reference",)
    ordering = ("-received_at",)

    @admin.display(description=_("Document"))
    def kind_of_paper(self, row: Paper) -> str:
        return name_of(row)


class CaseList(ReadOnly):
    """Recoveries by their reference and state: no identifier, network or secret of anybody."""

    list_display = ("reference", "state", "situation", "created_at", "in_review_at", "ready_at", "ended_at")
    list_filter = ("state", "situation")
    search_fields = ("reference",)
    ordering = ("-created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Claims with nothing proved are nobody's business (R12)."""
        return super().get_queryset(request).exclude(suffices_at=None)


LISTS: dict[type[Model], type[ReadOnly]] = {
    Review: ReviewList, Decision: DecisionList, Paper: PaperList, Case: CaseList,
}  # fmt: skip
