"""Pages that only explain."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView


@method_decorator(login_not_required, name="dispatch")
class HelpView(TemplateView):
    """Answers to what people ask: code not coming, old number, new phone, nothing left, virtual numbers."""

    template_name = "support/help.html"


@method_decorator(login_not_required, name="dispatch")
class AccessibilityView(TemplateView):
    """What was tested, what is known not to work, whom to write to."""

    template_name = "support/accessibility.html"
