"""Every field of every form reaches the page wired alike."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from accounts.form_rendering import HintedRadioSelect


class Sample(forms.Form):
    email = forms.EmailField(label="Mail", help_text="Yours.", error_messages={"required": "Enter your mail."})
    name = forms.CharField(label="Name", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    place = forms.ChoiceField(
        label="Where", choices=[("a", "Here"), ("b", "There")], widget=HintedRadioSelect(hints={"b": "Far"})
    )


class Tags(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def one(self, tag: str, **attrs: str) -> dict[str, str | None]:
        return next(a for t, a in self.found if t == tag and attrs.items() <= a.items())


@pytest.fixture
def refused() -> Sample:
    return Sample({"email": ""})


def test_the_error_is_announced_before_the_support_text(refused):
    tags = Tags(refused["email"].as_field_group())
    described = tags.one("input", name="email")["aria-describedby"].split()
    assert described == ["id_email_error", "id_email_helptext"]
    assert {a["id"] for _, a in tags.found if "id" in a} >= set(described)


def test_only_a_refused_field_is_marked_invalid(refused):
    assert Tags(refused["email"].as_field_group()).one("input", name="email")["aria-invalid"] == "true"
    assert "aria-invalid" not in Tags(refused["name"].as_field_group()).one("input", name="name")


def test_the_browser_never_stops_a_form_by_itself(refused):
    for field in refused:
        assert all("required" not in attrs for _, attrs in Tags(field.as_field_group()).found)


def test_need_is_said_in_words():
    with translation.override("en"):
        form = Sample()
        assert "※required" in form["email"].as_field_group()
        assert "※optional" in form["name"].as_field_group()


def test_a_password_carries_its_show_button_hidden_until_the_script_comes(refused):
    button = Tags(refused["password"].as_field_group()).one("button", type="button")
    assert button["aria-controls"] == "id_password"
    assert "hidden" in button


def test_choices_are_one_group_with_a_hint_inside_its_label(refused):
    drawn = refused["place"].as_field_group()
    tags = Tags(drawn)
    assert tags.one("fieldset")["aria-describedby"] == "id_place_error"
    assert tags.one("label")["for"] == "id_place_0"
    assert '<span class="choice-hint">Far</span>' in drawn


def test_the_summary_leads_to_each_refused_input(refused):
    drawn = Template('{% include "components/error_summary.html" %}').render(Context({"form": refused}))
    targets = [a["href"].removeprefix("#") for t, a in Tags(drawn).found if t == "a"]
    page = "".join(field.as_field_group() for field in refused)
    assert targets == ["id_email", "id_password", "id_place_0"]
    assert all(f'id="{target}"' in page for target in targets)
    assert drawn.count("Enter your mail.") == page.count("Enter your mail.") == 1


def test_the_title_says_that_something_is_wrong():
    with translation.override("en"):
        title = Template("{% error_prefix form %}Sign in")
        assert title.render(Context({"form": Sample({})})) == "Error: Sign in"
        assert title.render(Context({"form": Sample()})) == "Sign in"
        assert title.render(Context({})) == "Sign in"


def test_a_link_to_a_page_that_is_not_there_is_nothing():
    link = Template('{% link_if "no-such-page" as url %}[{{ url }}]')
    assert link.render(Context()) == "[]"
