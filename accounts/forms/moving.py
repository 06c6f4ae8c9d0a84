"""Forms for moving the app and reporting losses: they judge shape and nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class MovedForm(forms.Form):
    """Which app is on the new phone, and whether a copy of it is kept."""

    app = forms.ChoiceField(
        label=_("Which app did you move?"),
        error_messages={"required": _("Choose the app."), "invalid_choice": _("Choose one of these apps.")},
        widget=forms.RadioSelect,
    )
    copied = forms.BooleanField(
        label=_("The app also keeps a copy outside this phone"),
        help_text=_("We note today’s date as “backed up on”."),
        required=False,
    )

    def __init__(self, *args: Any, apps: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["app"]
        field.choices = apps  # type: ignore[attr-defined]
        field.initial = apps[0][0] if len(apps) == 1 else None


class LostForm(forms.Form):
    """What was on the phone that is gone."""

    things = forms.MultipleChoiceField(
        label=_("What was on it?"),
        help_text=_("A number too, if the SIM was in it."),
        error_messages={
            "required": _("Choose what is gone."),
            "invalid_choice": _("Choose from what is listed here."),
        },
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, things: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["things"].choices = things  # type: ignore[attr-defined]
