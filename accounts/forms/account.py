"""Forms of the account pages: they judge shape and nothing else."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms.sign_up import EmailForm, MailCodeForm
from accounts.models import PayoutAddress

__all__ = [
    "AddressForm",
    "ForgotForm",
    "MailCodeForm",
    "PasswordChangeForm",
    "PasswordResetForm",
    "PayoutForm",
    "StopCodeForm",
    "WithdrawalForm",
]

_NEW_PASSWORD = {"autocomplete": "new-password", "spellcheck": "false", "autocapitalize": "off"}
_PRESENT_PASSWORD = _NEW_PASSWORD | {"autocomplete": "current-password"}


class AddressForm(EmailForm):
    """A further address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New email address")
        self.fields["email"].help_text = _("We send a code there. Best is a mailbox that opens without your phone.")


class ForgotForm(EmailForm):
    """The address a reset link may go to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("An address of your account.")


class _NewPasswordForm(forms.Form):
    """A new password, twice where no script shows it. How long it must be is said here and judged by the service."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        error_messages={"required": _("Choose a new password.")},
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
    )
    password_again = forms.CharField(
        label=_("The same new password again"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
    )

    def __init__(self, *args: Any, least: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.help_text = _("%(least)d characters or more. A sentence is fine: spaces and kanji count too.") % {
            "least": least
        }
        field.widget.attrs["passwordrules"] = f"minlength: {least}; allowed: ascii-printable;"

    def clean_password_again(self) -> str:
        again: str = self.cleaned_data["password_again"]
        if self.add_prefix("password_again") in self.data and again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(_("The two passwords differ. Type the same one twice."), code="differ")
        return again


class PasswordResetForm(_NewPasswordForm):
    """A new password by a mailed link."""


class PasswordChangeForm(_NewPasswordForm):
    """The present password and a new one, in one form, so that a password manager updates the right entry."""

    current_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        error_messages={"required": _("Type your present password.")},
        widget=forms.PasswordInput(attrs=_PRESENT_PASSWORD),
    )
    field_order = ("current_password", "password", "password_again")


class PayoutForm(forms.Form):
    """Where money may go."""

    name = forms.CharField(
        label=_("Name for it"),
        max_length=64,
        help_text=_("So that you know it again, such as “hardware wallet”."),
        error_messages={"required": _("Give it a name."), "max_length": _("Use at most %(limit_value)d characters.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "maxlength": None}),
    )
    address = forms.RegexField(
        r"\A[0-9A-Za-z:]{20,120}\Z",
        label=_("Payout address"),
        help_text=_("Paste it, then compare the first and the last characters."),
        error_messages={
            "required": _("Paste the address."),
            "invalid": _("This is not a whole payout address. It has 20 to 120 letters and digits: paste it again."),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "class": "mono"}
        ),
    )


class WithdrawalForm(forms.Form):
    """How much, and where to."""

    payout = forms.ModelChoiceField(
        PayoutAddress.objects.none(),
        label=_("Payout address"),
        empty_label=None,
        error_messages={
            "required": _("Choose a payout address."),
            "invalid_choice": _("Choose one of your payout addresses."),
        },
        widget=forms.RadioSelect,
    )
    amount = forms.CharField(
        label=_("Amount (BTC)"),
        help_text=_("Such as 0.25, with at most 8 decimal places."),
        error_messages={"required": _("Type the amount.")},
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false", "class": "short"}
        ),
    )

    def offer(self, rows: QuerySet[PayoutAddress]) -> None:
        """The payout addresses that may be chosen: the person's own, and final."""
        field = cast("forms.ModelChoiceField[PayoutAddress]", self.fields["payout"])
        field.queryset = rows
        field.label_from_instance = lambda obj: f"{obj.name} ({obj.address[:6]}…{obj.address[-4:]})"  # type: ignore[method-assign]

    def clean_amount(self) -> Decimal:
        """Full-width digits are digits; nothing else is guessed."""
        plain = unicodedata.normalize("NFKC", self.cleaned_data["amount"]).strip()
        if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,8})?", plain) or not Decimal(plain):
            raise forms.ValidationError(_("Type an amount above 0 in digits, such as 0.25."), code="amount")
        return Decimal(plain)


class StopCodeForm(forms.Form):
    """The stop code from one of our SMS."""

    code = forms.CharField(
        label=_("Stop code"),
        help_text=_("12 letters and digits from our SMS. Spaces and small letters are fine."),
        error_messages={"required": _("Type the stop code from the SMS.")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "inputmode": "text",
                "autocapitalize": "characters",
                "autocorrect": "off",
                "spellcheck": "false",
                "class": "saved-code",
                "size": "14",
            }
        ),
    )
