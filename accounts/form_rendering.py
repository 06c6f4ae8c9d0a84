"""How form fields reach the page: every field of every form looks and is wired alike (conventions §1.1, §2.2, §3).

`{{ form.code.as_field_group }}` draws templates/components/field.html. On the field: `help_text` is the support text,
`required` chooses ※必須 or ※任意, the widget's attrs carry autocomplete and inputmode. A password gets its show button
by itself, a six-digit code its large figures (autocomplete=one-time-code with inputmode=numeric), a saved code its
face with `class="saved-code"`. A `HintedRadioSelect` draws choices with a line of explanation each.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting


class PortalBoundField(BoundField):
    """A bound field whose error is announced before its support text, and that the browser never stops by itself."""

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        return (
            " ".join(sorted(described.split(), key=lambda one: not one.endswith("_error"))) if described else described
        )

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        # Checked on the server in the reader's language; a `required` bubble would speak the browser's.
        built = super().build_widget_attrs(attrs, widget)
        built.pop("required", None)
        # A browser cuts what is too long without a word: spaces in a code would push out its digits. The form says it.
        built["maxlength"] = False
        return built


class FormRenderer(TemplatesSetting):
    """FORM_RENDERER: templates from templates/django/forms, then Django's own."""

    bound_field_class = PortalBoundField


class HintedRadioSelect(forms.RadioSelect):
    """Radio buttons of which each may carry a quiet second line: `HintedRadioSelect(hints={"abroad": _("…")})`."""

    def __init__(
        self, attrs: dict[str, Any] | None = None, choices: Any = (), hints: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs, choices)
        self.hints = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(str(value), "")
        return option
