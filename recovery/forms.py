"""Forms of recovery: they judge shape and nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import numbers
from accounts.errors import Refused
from accounts.form_rendering import HintedRadioSelect
from recovery.references import parse
from recovery.wording import SITUATION_HINTS, SITUATIONS

_MAIL = {
    "autocomplete": "email",
    "inputmode": "email",
    "autocapitalize": "none",
    "autocorrect": "off",
    "spellcheck": "false",
    "size": "30",
    "maxlength": None,
}
_PHONE = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "spellcheck": "false",
    "autocapitalize": "off",
    "size": "8",
}
_SAVED_CODE = {
    "autocomplete": "off",
    "inputmode": "text",
    "autocapitalize": "characters",
    "autocorrect": "off",
    "spellcheck": "false",
    "class": "saved-code",
    "size": "26",
}
_PASSWORD = {"autocomplete": "current-password", "spellcheck": "false", "autocapitalize": "none"}
_NEW_PASSWORD = {
    "autocomplete": "new-password",
    "spellcheck": "false",
    "autocapitalize": "none",
    "passwordrules": "minlength: 8; allowed: ascii-printable;",
}
_MAIL_ERRORS = {
    "required": _("Type the email address."),
    "invalid": _("Type the whole email address, such as name@example.jp."),
    "max_length": _("An email address has at most 254 characters. Check the address."),
}


def _email(label: Any, help_text: Any = "", *, required: bool = True) -> forms.EmailField:
    return forms.EmailField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=254,
        error_messages=_MAIL_ERRORS,
        widget=forms.EmailInput(attrs=_MAIL),
    )


class PhoneField(forms.CharField):
    """A telephone number, however it is typed; cleaned to E.164."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs=_PHONE), max_length=40, **more)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        if not typed:
            return ""
        number = numbers.parse(typed)
        if isinstance(number, Refused):
            text = _("Type the whole mobile number, such as 090-1234-5678.")
            raise forms.ValidationError(text, code="invalid")
        return number.e164


class SituationForm(forms.Form):
    """The one question of the first page. A GET form: nothing of it is stored."""

    situation = forms.ChoiceField(
        label=_("What happened to your number?"),
        choices=list(SITUATIONS.items()),
        error_messages={
            "required": _("Choose what fits best."),
            "invalid_choice": _("Choose one of these."),
        },
        widget=HintedRadioSelect(hints=SITUATION_HINTS),
    )


class ReferenceForm(forms.Form):
    """A case begun before: its reference leads to its page."""

    reference = forms.CharField(
        label=_("Case reference"),
        help_text=_("Such as MD-7K3M-9QX2. It stands on the page and in every mail about the case."),
        max_length=40,
        error_messages={"required": _("Type the case reference.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": "16", "maxlength": None}),
    )

    def clean_reference(self) -> str:
        reference = parse(self.cleaned_data["reference"])
        if reference is None:
            raise forms.ValidationError(_("This is not one of our references. Look at it once more."), code="invalid")
        return reference


class StartForm(forms.Form):
    """How we find the account: an address, an old address, or a number; one of them is enough."""

    email = _email(
        _("Email address"),
        _("The one you registered. An address you no longer use is fine too, if you changed it in the last 30 days."),
        required=False,
    )
    phone = PhoneField(
        label=_("Phone number"),
        help_text=_("The number the codes went to, even if it no longer works. Example: 090-1234-5678"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("email") and not data.get("phone"):
            self.add_error(
                "email", forms.ValidationError(_("Type the email address or the phone number."), code="required")
            )
        return data


class EmailCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the mail"),
        help_text=_("6 digits, from our newest mail."),
        max_length=64,
        error_messages={"required": _("Type the code from the mail.")},
        widget=forms.TextInput(attrs=_CODE | {"maxlength": None}),
    )


class SmsCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the SMS"),
        help_text=_("6 digits, from the newest SMS."),
        max_length=64,
        error_messages={"required": _("Type the code from the SMS.")},
        widget=forms.TextInput(attrs=_CODE | {"maxlength": None}),
    )


class AppCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code in the app"),
        help_text=_("6 digits. If they change while you type, type the new ones."),
        max_length=64,
        error_messages={"required": _("Type the 6 digits that the app shows.")},
        widget=forms.TextInput(attrs=_CODE | {"maxlength": None}),
    )


class SavedCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Saved recovery code"),
        help_text=_("20 characters, one you have not used yet. Spaces, hyphens and small letters are fine."),
        max_length=120,
        error_messages={"required": _("Type one of your saved codes.")},
        widget=forms.TextInput(attrs=_SAVED_CODE | {"maxlength": None}),
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Type the password.")},
        widget=forms.PasswordInput(attrs=_PASSWORD),
    )


PROVE_FORMS: dict[str, type[forms.Form]] = {
    "email": EmailCodeForm,
    "sms": SmsCodeForm,
    "totp": AppCodeForm,
    "saved-code": SavedCodeForm,
    "password": PasswordForm,
}


class SendMailForm(forms.Form):
    """Where the code shall go."""

    email = _email(_("Email address"), _("A confirmed address of your account."))


class SendSmsForm(forms.Form):
    phone = PhoneField(
        label=_("Another mobile number"),
        help_text=_("A number of your account that you can read SMS on now. Example: 090-1234-5678"),
        error_messages={"required": _("Type the mobile number.")},
    )


SEND_FORMS: dict[str, type[forms.Form]] = {"email": SendMailForm, "sms": SendSmsForm}


class ResumeForm(forms.Form):
    """A link that shows the case in this browser."""

    email = _email(_("Email address"), _("A confirmed address of the account."))


class NewNumberForm(forms.Form):
    phone = forms.CharField(
        label=_("New mobile number"),
        help_text=_("Example: 090-1234-5678 (without hyphens is fine too)"),
        max_length=40,
        error_messages={"required": _("Type the new mobile number.")},
        widget=forms.TextInput(attrs=_PHONE | {"maxlength": None}),
    )


class NewAppForm(AppCodeForm):
    name = forms.CharField(
        label=_("Name of the app"),
        required=False,
        max_length=64,
        help_text=_("So that you know it again: “work phone”, “iPad”."),
        error_messages={"max_length": _("Write the name with at most %(limit_value)d characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": None, "dir": "auto"}),
    )


class TypedBackForm(forms.Form):
    """One new code from the paper. `sheet` is the sealed token by which the page keeps the sheet."""

    sheet = forms.CharField(widget=forms.HiddenInput, required=False)
    code = forms.CharField(
        error_messages={"required": _("Type the code from your paper.")},
        max_length=120,
        widget=forms.TextInput(attrs=_SAVED_CODE | {"maxlength": None}),
    )

    def __init__(self, *args: Any, ask: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code number %(number)d from your paper") % {"number": ask}
        self.fields["code"].help_text = _("20 characters. Spaces, hyphens and small letters are fine.")


class NewPasswordForm(forms.Form):
    """A new password. Without a script there is no show button, so the page asks for it twice."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("8 characters or more. A sentence is fine: every character counts, spaces and kanji too."),
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

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if self.add_prefix("password_again") in self.data and again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."), code="differ")
        return again
