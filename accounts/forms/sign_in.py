"""Forms of signing in and of confirming: they judge shape and nothing else (conventions §1.1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import email_key

_CODE = {"spellcheck": "false", "autocapitalize": "off", "autocorrect": "off"}
_DIGITS = {"autocomplete": "one-time-code", "inputmode": "numeric", "size": "8", **_CODE}
_LETTERS = {
    "autocomplete": "off",
    "inputmode": "text",
    "size": "26",
    "class": "saved-code",
    **_CODE,
    "autocapitalize": "characters",
}


class PasswordForm(forms.Form):
    """Address and password. Any text may be an address: telling a malformed one from an unknown one helps nobody."""

    email = forms.CharField(
        label=_("Email address"),
        max_length=254,
        error_messages={
            "required": _("Type your email address."),
            "max_length": _("An email address has at most 254 characters. Check the address."),
        },
        widget=forms.EmailInput(
            attrs={
                "autocomplete": "username webauthn",
                "inputmode": "email",
                "autocapitalize": "none",
                "autocorrect": "off",
                "spellcheck": "false",
                "maxlength": None,
                "size": "30",
            }
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "spellcheck": "false", "autocapitalize": "off"}
        ),
    )

    def clean_email(self) -> str:
        return email_key(self.cleaned_data["email"])


class OwnPasswordForm(forms.Form):
    """The password alone, typed once more inside a session."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Type your password.")},
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "spellcheck": "false", "autocapitalize": "off"}
        ),
    )


class CodeForm(forms.Form):
    """One field for every kind of code; `way` chooses its words and its keyboard.

    Whatever the way, a saved code may be typed: it cannot be mistaken for six digits.
    """

    code = forms.CharField(
        max_length=200,
        error_messages={
            "required": _("Type the code."),
            "max_length": _("This is too long to be a code. Type it again."),
        },
    )

    def __init__(self, *args: Any, way: str = "totp", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label, field.help_text = _WORDS[way]
        field.widget = forms.TextInput(attrs=_LETTERS if way in ("saved-code", "passkey") else _DIGITS)
        field.widget.is_required = True


_PAPER = (_("Code from your paper"), _("20 characters. Spaces, hyphens and small letters are fine."))
_WORDS = {
    "totp": (_("Code in the app"), _("6 digits. They change every 30 seconds.")),
    "sms": (_("Code from the SMS"), _("6 digits, from the newest SMS.")),
    "email": (_("Code from the mail"), _("6 digits, from the newest mail. Look in the spam folder too.")),
    "saved-code": _PAPER,
    "passkey": _PAPER,  # without a script no passkey can be used, and a saved code may always be typed
}
