"""What an agent may type, and what a person sends. Shape alone is judged here; what a file is, its bytes say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.form_rendering import HintedRadioSelect
from support import judging, wording
from support.judging import Given
from support.models import Decision, Paper, Review
from support.models.paper import Document
from support.paper_wording import KINDS


class DecisionForm(forms.Form):
    """The comparison, the decision and its reason. `papers` may be asked for again."""

    what = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("Reason"))
    paper = forms.ModelChoiceField(Paper.objects.none(), label=_("Which paper"), required=False, empty_label=_("All"))

    def __init__(self, data: Any = None, *, review: Review, papers: list[Paper]) -> None:
        super().__init__(data)
        self.bars: dict[str, str] = {}  # what is not open now, and why: the page says so
        self.asked = judging.asked(review, bool(papers))
        answers = list(wording.ANSWERS.items())
        for name in self.asked:
            self.fields[f"check_{name}"] = forms.ChoiceField(
                label=str(wording.ATTRIBUTES[name]), choices=answers, widget=forms.RadioSelect, required=False
            )
        self.typed = (*judging.TYPED, "expires", "document") if review.what == Review.What.FILING else ()
        for name in self.typed:
            self.fields[f"read_{name}"] = self._typed(name)
        self.fields["what"].choices = list(wording.DECISIONS.items())  # type: ignore[attr-defined]
        self.fields["reason"].choices = [("", _("Choose the reason."))] + [  # type: ignore[attr-defined]
            (wording.DECISIONS[what], [(code, wording.REASONS[code]) for code in codes])
            for what, codes in judging.REASONS.items()
        ]
        self.fields["paper"].queryset = Paper.objects.filter(pk__in=[one.pk for one in papers])  # type: ignore[attr-defined]
        self.fields["paper"].label_from_instance = name_of  # type: ignore[attr-defined]

    @property
    def checks(self) -> list[forms.BoundField]:
        return [self[f"check_{name}"] for name in self.asked]

    @property
    def typed_fields(self) -> list[forms.BoundField]:
        return [self[f"read_{name}"] for name in self.typed]

    @property
    def whats(self) -> list[dict[str, Any]]:
        """The decisions, each with why it is not open now."""
        chosen = self["what"].value()
        return [
            {"id": f"id_what_{what}", "value": what, "label": label, "chosen": what == chosen,
             "bar": wording.bar(self.bars.get(what, ""))}
            for what, label in wording.DECISIONS.items()
        ]  # fmt: skip

    @staticmethod
    def _typed(name: str) -> forms.Field:
        label = str(wording.ATTRIBUTES[name])
        if name == "document":
            kinds = [(kind.value, kind.label) for kind in Document if kind is not Document.VIDEO]
            return forms.ChoiceField(label=label, choices=[("", "–"), *kinds], required=False)
        if name in ("born", "expires"):
            date = forms.DateInput(attrs={"placeholder": "1990-05-04", "autocomplete": "off"})
            return forms.CharField(label=label, required=False, max_length=10, widget=date)
        return forms.CharField(
            label=label, required=False, max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
        )

    def given(self) -> Given:
        """The decision as a value for the service."""
        found = self.cleaned_data
        return Given(
            what=found["what"],
            reason=found["reason"],
            checklist={name: found[f"check_{name}"] for name in self.asked if found.get(f"check_{name}")},
            attributes={name: found[f"read_{name}"].strip() for name in self.typed},
            paper=found["paper"] if found["what"] == Decision.What.ASK_AGAIN else None,
        )


def name_of(paper: Paper) -> str:
    """A paper as people call it: Driving licence, front."""
    name = str(Document(paper.document).label)
    return f"{name} · {wording.SIDES[paper.side]}" if paper.side in wording.SIDES else name


# Papers

_LABELS = dict(Document.choices)


class KindForm(forms.Form):
    """Which document. A GET form: nothing of it is stored."""

    kind = forms.ChoiceField(
        label=_("Which document do you have at hand?"),
        choices=[(kind, _LABELS[kind]) for kind in KINDS],
        error_messages={"required": _("Choose one of them."), "invalid_choice": _("Choose one of them.")},
        widget=HintedRadioSelect(hints={kind: rules.hint for kind, rules in KINDS.items()}),
    )


class PictureForm(forms.Form):
    """One side of a document."""

    file = forms.FileField(
        label=_("Photo or scan"),
        help_text=_("JPEG, PNG or PDF, at most 12 MB. On a phone you can take the photo now."),
        allow_empty_file=True,  # what is wrong with it is said in our words
        error_messages={"required": _("Choose the picture."), "missing": _("Choose the picture.")},
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf,image/jpeg,image/png,application/pdf"}),
    )


class VideoForm(forms.Form):
    """The video, recorded by the page or chosen. `words` is the sealed token of what had to be said."""

    words = forms.CharField(widget=forms.HiddenInput, required=False)
    live = forms.CharField(widget=forms.HiddenInput, required=False)
    file = forms.FileField(
        label=_("Video"),
        help_text=_("WebM or MP4, 10 to 20 seconds, at most 40 MB."),
        allow_empty_file=True,
        error_messages={
            "required": _("Record the video, or choose one."),
            "missing": _("Record the video, or choose one."),
        },
        widget=forms.FileInput(attrs={"accept": ".mp4,.webm,.mov,.m4v,video/mp4,video/webm,video/quicktime"}),
    )

    def clean_live(self) -> bool:
        """Did the page's own camera take it? Said by the browser: a hint for people, never a proof."""
        return bool(self.cleaned_data["live"])
