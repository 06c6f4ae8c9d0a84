"""Forms of signing up: they judge shape and nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import normalise


class EmailForm(forms.Form):
    """The address that will sign in and get notices."""

    email = forms.EmailField(
        label=_("Email address"),
        help_text=_("We send a code there. You sign in with this address later."),
        max_length=254,
        error_messages={
            "required": _("Type your email address."),
            "invalid": _("Type the whole email address, such as name@example.jp."),
            "max_length": _("An email address has at most 254 characters. Check the address."),
        },
        widget=forms.EmailInput(
            attrs={
                "autocomplete": "email",
                "inputmode": "email",
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "size": "30",
                "maxlength": None,
            }
        ),
    )


class MailCodeForm(forms.Form):
    """The code from the letter, in one field."""

    code = forms.CharField(
        label=_("Confirmation code"),
        help_text=_("6 digits, from our newest mail."),
        error_messages={"required": _("Type the code from the mail.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "autocapitalize": "off",
                "size": "8",
            }
        ),
    )


class NewAccountForm(forms.Form):
    """Name and password. The address stands above the password, so that password managers keep the two together."""

    email = forms.CharField(required=False, label=_("Email address"))
    name = forms.CharField(
        label=_("Name"),
        required=False,
        help_text=_("As you write it yourself. Our letters greet you with it."),
        max_length=normalise.NAME_LENGTH,
        error_messages={"max_length": _("Write the name with at most %(limit_value)d characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false", "maxlength": None, "dir": "auto"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("15 characters or more. A sentence is fine: every character counts, spaces and kanji too."),
        error_messages={"required": _("Choose a password.")},
        widget=forms.PasswordInput(
            attrs={
                "autocomplete": "new-password",
                "spellcheck": "false",
                "autocapitalize": "off",
                "passwordrules": "minlength: 15; allowed: ascii-printable;",
            }
        ),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = email

    def clean_name(self) -> str:
        return normalise.person_name(self.cleaned_data["name"])
