"""The words letters are written with. Each prints nothing and adds a block to the `Draft` in the context.

{% subject %}…{% endsubject %}            the mail's subject, without the service's name and without a code
{% sms %}…{% endsms %}                    the text message; "//" stands for the line break before the last line
{% para %}…{% endpara %}  {% quiet %}…{% endquiet %}  {% heading %}…{% endheading %}
{% code value %}                          a code to type
{% facts %}{% fact _("When") value %}{% endfacts %}     a fact without a value is left out
{% road %}{% stop "done" title when %}text{% endstop %}{% endroad %}   the path: done | now | next | stopped
{% button url label %}                    the one link
{% items %}{% item %}…{% enditem %}{% enditems %}
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

register = template.Library()


def _plain(content: str) -> str:
    """One line: the template's own line breaks and indents are not the reader's."""
    return " ".join(content.split())


def _last(context: Context, kind: str) -> dict[str, Any]:
    block: dict[str, Any] = context["letter"].blocks[-1]
    if block["type"] != kind:
        raise template.TemplateSyntaxError(f"a part of {kind} stands outside of it")
    return block


@register.simple_block_tag(takes_context=True)
def subject(context: Context, content: str) -> str:
    context["letter"].subject = _plain(content)
    return ""


@register.simple_block_tag(takes_context=True)
def sms(context: Context, content: str) -> str:
    context["letter"].sms = "\n".join(_plain(line) for line in content.split("//"))
    return ""


@register.simple_block_tag
def words(content: str) -> str:
    return _plain(content)


@register.simple_block_tag(takes_context=True)
def para(context: Context, content: str) -> str:
    return _text(context, "paragraph", content)


@register.simple_block_tag(takes_context=True)
def quiet(context: Context, content: str) -> str:
    return _text(context, "quiet", content)


@register.simple_block_tag(takes_context=True)
def heading(context: Context, content: str) -> str:
    return _text(context, "heading", content)


def _text(context: Context, kind: str, content: str) -> str:
    if text := _plain(content):
        context["letter"].add(kind, text=text)
    return ""


@register.simple_tag(takes_context=True)
def code(context: Context, value: str) -> str:
    context["letter"].add("code", value=value)
    return ""


@register.simple_tag(takes_context=True)
def button(context: Context, url: str, label: str) -> str:
    context["letter"].add("button", url=url, label=label)
    return ""


@register.tag
def facts(parser: template.base.Parser, token: template.base.Token) -> template.Node:  # noqa: ARG001
    return _Group(parser, "facts", "rows")


@register.simple_tag(takes_context=True)
def fact(context: Context, label: str, value: Any) -> str:
    if value:
        _last(context, "facts")["rows"].append({"label": label, "value": str(value)})
    return ""


@register.tag
def items(parser: template.base.Parser, token: template.base.Token) -> template.Node:  # noqa: ARG001
    return _Group(parser, "list", "items", end="enditems")


@register.simple_block_tag(takes_context=True)
def item(context: Context, content: str) -> str:
    _last(context, "list")["items"].append(_plain(content))
    return ""


@register.tag
def road(parser: template.base.Parser, token: template.base.Token) -> template.Node:  # noqa: ARG001
    return _Group(parser, "path", "stations", end="endroad")


@register.simple_block_tag(takes_context=True)
def stop(context: Context, content: str, state: str, title: str, when: str = "") -> str:
    _last(context, "path")["stations"].append({"state": state, "title": title, "time": when, "text": _plain(content)})
    return ""


class _Group(template.Node):
    """A block whose parts are added by the tags inside it; empty, it leaves nothing."""

    def __init__(self, parser: template.base.Parser, kind: str, parts: str, end: str = "") -> None:
        self.kind, self.parts = kind, parts
        self.nodelist = parser.parse((end or f"end{kind}",))
        parser.delete_first_token()

    def render(self, context: Context) -> str:
        blocks = context["letter"].blocks
        block: dict[str, Any] = {"type": self.kind, self.parts: []}
        blocks.append(block)
        self.nodelist.render(context)
        if not block[self.parts]:
            blocks.remove(block)
        return ""
