"""Forms of signing up: they judge shape and nothing else."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import normalise

_NEW_PASSWORD = {
    "autocomplete": "new-password",
    "spellcheck": "false",
    "autocapitalize": "off",
    "passwordrules": "minlength: 15; allowed: ascii-printable;",
}


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
    """Name and password. Without a script there is no show button, so the page asks for the password twice."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        help_text=_("As you write it yourself. You may leave it empty."),
        max_length=normalise.NAME_LENGTH,
        error_messages={"max_length": _("Write the name with at most %(limit_value)d characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false", "maxlength": None, "dir": "auto"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("15 characters or more. A sentence is fine: every character counts, spaces and kanji too."),
        error_messages={"required": _("Choose a password.")},
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
    )
    password_again = forms.CharField(
        label=_("The same password again"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(
            attrs={name: value for name, value in _NEW_PASSWORD.items() if name != "passwordrules"}
        ),
    )

    def clean_name(self) -> str:
        return normalise.person_name(self.cleaned_data["name"])

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if self.add_prefix("password_again") in self.data and again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."), code="differ")
        return again
