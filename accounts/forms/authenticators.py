"""Forms of authenticators and saved codes: they judge shape and nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_CODE = {"spellcheck": "false", "autocapitalize": "off", "size": "8"}


def _name_field(required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Name of the app"),
        required=required,
        max_length=64,
        help_text=_("So that you know it again: “work phone”, “iPad”."),
        error_messages={
            "required": _("Give the app a name."),
            "max_length": _("Write the name with at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": None, "dir": "auto"}),
    )


class AppForm(forms.Form):
    """The first code of a new app, and a name for it."""

    code = forms.CharField(
        label=_("Code in the app"),
        help_text=_("6 digits. If they change while you type, type the new ones."),
        error_messages={"required": _("Type the 6 digits that the app shows.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", **_CODE}),
    )
    name = _name_field(required=False)


class NameForm(forms.Form):
    name = _name_field(required=True)


class PasskeyNameForm(forms.Form):
    """What a passkey is called; on adding, what the browser made rides along."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=64,
        help_text=_("So that you know it again: “work computer”, “blue key”."),
        error_messages={
            "required": _("Give the passkey a name."),
            "max_length": _("Write the name with at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": None, "dir": "auto"}),
    )

    def __init__(self, *args: Any, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = not optional


class TypedBackForm(forms.Form):
    """One saved code from the paper. `sheet` is the sealed token by which the page keeps the sheet."""

    sheet = forms.CharField(widget=forms.HiddenInput, required=False)
    code = forms.CharField(
        label=_("Code from your paper"),
        error_messages={"required": _("Type the code from your paper.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "inputmode": "text",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
                "class": "saved-code",
                "size": "26",
            }
        ),
    )

    def __init__(self, *args: Any, ask: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code number %(number)d from your paper") % {"number": ask}
        self.fields["code"].help_text = _("20 characters. Spaces, hyphens and small letters are fine.")


class PhoneForm(forms.Form):
    """A mobile number for SMS codes."""

    phone = forms.CharField(
        label=_("Mobile number"),
        help_text=_("Example: 090-1234-5678 (without hyphens is fine too)"),
        error_messages={"required": _("Type the mobile number.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )


class SmsCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the SMS"),
        help_text=_("6 digits, from the newest SMS."),
        error_messages={"required": _("Type the code from the SMS.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", **_CODE}),
    )
