"""Lists of the agents' site: to look at and to search, never to write. Deeds are buttons of the case file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.wording import moment
from recovery.models import Case
from recovery.wording import SITUATIONS
from support import roles, wording
from support.forms import name_of
from support.models import Decision, Paper, Review


class ReadOnly(admin.ModelAdmin):
    """A list and nothing else: no form, no deletion, no deed on many at once (conventions §5.3)."""

    actions = None
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    heading: Any = ""
    media = Media()  # it needs no script, and the portal's policy would stop the stock ones

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", self.admin_site.admin_view(self.changelist_view), name=name)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": self.heading})

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


def when(name: str, title: Any) -> Callable[[Any], str]:
    """A column with a moment of the row."""

    @admin.display(description=title, ordering=name)
    def column(row: Any) -> str:
        at = getattr(row, name)
        return moment(at, zone=False) if at else "–"

    return column


def said(name: str, title: Any, words: Mapping[str, Any]) -> Callable[[Any], str]:
    """A column with a code of the row in words; the code itself where there are none."""

    @admin.display(description=title, ordering=name)
    def column(row: Any) -> str:
        return str(words.get(getattr(row, name), getattr(row, name) or "–"))

    return column


def only(name: str, title: Any, words: Mapping[str, Any]) -> type[admin.SimpleListFilter]:
    """Narrow a list to one code, named in words."""

    class Only(admin.SimpleListFilter):
        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(code, str(word)) for code, word in words.items()]

        def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
            return rows.filter(**{name: self.value()}) if self.value() else rows

    Only.title, Only.parameter_name = title, name
    return Only


@admin.display(description=_("Review"))
def link(row: Review | Decision) -> str:
    """To the case file."""
    review = row if isinstance(row, Review) else row.review
    name = review.case_reference or _("Account %(key)s") % {"key": review.user_id}
    return format_html('<a href="{}">{}</a>', reverse("agents:review", args=[review.pk]), name)


@admin.display(description=_("Agent"))
def by(row: Decision) -> str:
    return row.agent.name or f"#{row.agent_id}"


@admin.display(description=_("Document"))
def document(row: Paper) -> str:
    return name_of(row)


class ReviewList(ReadOnly):
    list_display = (
        link, said("what", _("About"), wording.WHAT), when("queued_at", _("Came in")),
        when("first_look_at", _("First look")), when("decided_at", _("Decided")),
        said("outcome", _("Outcome"), wording.OUTCOMES),
    )  # fmt: skip
    list_filter = (only("what", _("About"), wording.WHAT), only("outcome", _("Outcome"), wording.OUTCOMES))
    search_fields = ("case_reference",)
    ordering = ("-queued_at",)
    heading = _("All reviews")


class DecisionList(ReadOnly):
    list_display = (
        when("at", _("Decided")), link, by, said("what", _("Decision"), wording.DECIDED),
        said("reason", _("Reason"), wording.REASONS),
    )  # fmt: skip
    list_filter = (only("what", _("Decision"), wording.DECIDED),)
    search_fields = ("review__case_reference",)
    list_select_related: ClassVar = ["review", "agent"]
    ordering = ("-at",)
    heading = _("Decisions")


class PaperList(ReadOnly):
    """What was sent and what became of it; the papers themselves open from the case file alone."""

    list_display = (
        when("received_at", _("Came in")), document, said("purpose", _("About"), wording.PURPOSES),
        said("case_reference", _("Case"), {}), when("destroy_at", _("To be destroyed")),
        when("destroyed_at", _("Destroyed")),
    )  # fmt: skip
    list_filter = (only("purpose", _("About"), wording.PURPOSES),)
    search_fields = ("case_reference",)
    ordering = ("-received_at",)
    heading = _("Papers")


class CaseList(ReadOnly):
    """Recoveries by their reference and situation: no identifier, network or secret of anybody."""

    list_display = (
        said("reference", _("Case"), {}), said("situation", _("Situation"), SITUATIONS),
        when("created_at", _("Came in")), when("in_review_at", _("Handed to people")),
        when("approved_at", _("Agreed")), when("ready_at", _("End of the wait")), when("ended_at", _("Ended")),
    )  # fmt: skip
    list_filter = (only("situation", _("Situation"), SITUATIONS),)
    search_fields = ("reference",)
    ordering = ("-created_at",)
    heading = _("Recoveries")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Claims with nothing proved are nobody's business (R12)."""
        return super().get_queryset(request).exclude(suffices_at=None)


LISTS: dict[type[Model], type[ReadOnly]] = {
    Review: ReviewList, Decision: DecisionList, Paper: PaperList, Case: CaseList,
}  # fmt: skip
