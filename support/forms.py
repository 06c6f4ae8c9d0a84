"""What an agent may type: coded answers, and what was read from papers. Shape alone is judged here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from support import judging, wording
from support.judging import Given
from support.models import Decision, Paper, Review
from support.models.paper import Document


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
