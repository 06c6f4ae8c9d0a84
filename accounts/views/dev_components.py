"""/dev/components/: every component in all its states, for eyes, screenshots and axe. Only with DEBUG.

The samples are not phrases of the product, so they stand here in both languages and not in the catalogue.
"""

# ruff: noqa: E501 - sample sentences

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import mark_safe

from accounts import clock
from accounts.form_rendering import HintedRadioSelect

JA, EN = 0, 1


class SampleForm(forms.Form):
    """One field of every kind; `lang` picks the words."""

    def __init__(self, lang: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = lambda ja, en: (ja, en)[lang]  # noqa: E731
        one_time = {
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "spellcheck": "false",
            "autocapitalize": "off",
        }
        self.fields = {
            "email": forms.EmailField(
                label=text("メールアドレス", "Email address"),
                help_text=text("登録したときのアドレスを入力します。", "The address you signed up with."),
                widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
                error_messages={"required": text("メールアドレスを入力してください。", "Enter your email address.")},
            ),
            "phone": forms.CharField(
                required=False,
                label=text("電話番号", "Phone number"),
                help_text=text(
                    "例：090-1234-5678（ハイフンなしでも入力できます）",
                    "For example 090-1234-5678, with or without hyphens.",
                ),
                widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
            ),
            "password": forms.CharField(
                label=text("パスワード", "Password"),
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                error_messages={"required": text("パスワードを入力してください。", "Enter your password.")},
            ),
            "code": forms.CharField(
                label=text("確認コード", "Code"),
                help_text=text(
                    "14:20 にお送りした6桁の数字です。10分間使えます。届かないときは、迷惑メールのフォルダもご覧ください。",
                    "The 6 digits we sent at 14:20. They work for 10 minutes. If nothing came, look in the spam folder too.",
                ),
                widget=forms.TextInput(attrs=one_time),
                error_messages={"required": text("確認コードは6桁の数字で入力してください。", "The code is 6 digits.")},
            ),
            "saved_code": forms.CharField(
                label=text("回復コード", "Recovery code"),
                widget=forms.TextInput(attrs={"autocomplete": "off", "class": "saved-code", "spellcheck": "false"}),
                error_messages={"required": text("回復コードを入力してください。", "Enter a recovery code.")},
            ),
            "situation": forms.ChoiceField(
                label=text("電話番号に、何が起きましたか。", "What happened to your number?"),
                choices=[
                    ("new", text("番号を変えた", "I changed my number")),
                    ("lost", text("電話をなくした、盗まれた", "My phone is lost or stolen")),
                    ("abroad", text("海外に移った", "I moved abroad")),
                ],
                widget=HintedRadioSelect(
                    hints={
                        "new": text("解約して、古い番号はもう使えない", "The old one is cancelled and no longer mine")
                    }
                ),
                error_messages={"required": text("いちばん近いものを選んでください。", "Choose what comes closest.")},
            ),
            "paper": forms.FileField(
                required=False,
                label=text("運転免許証（おもて）", "Driving licence, front"),
                help_text=text("JPEG、PNG、HEIC、PDF。12MBまで。", "JPEG, PNG, HEIC or PDF, up to 12 MB."),
            ),
            "own_browser": forms.BooleanField(
                required=False,
                label=text("このブラウザをおぼえる", "Remember this browser"),
                help_text=text("ほかの方も使う端末では、選ばないでください。", "Not on a device that others use too."),
            ),
        }


def _sample(lang: int) -> dict[str, Any]:
    now = clock.now()
    ends = (now + timedelta(hours=71, minutes=40)).replace(second=0, microsecond=0)
    text = lambda ja, en: (ja, en)[lang]  # noqa: E731
    return {
        "now": now,
        "far": datetime(2031, 1, 5, 9, 7, tzinfo=UTC),
        "hours": timedelta(hours=72),
        "stations": [
            {
                "state": "done",
                "title": text("メールと認証アプリで確認しました", "Confirmed by email and authenticator app"),
                "at": now - timedelta(minutes=20),
            },
            {
                "state": "now",
                "title": text("お待ちいただいています", "Waiting, so that nobody else can do this unseen"),
                "until": ends,
                "since": now - timedelta(hours=30),
                "done_text": text("進めます。ページを開きなおしてください。", "You can go on. Open this page again."),
                "text": text(
                    "同じことは、盗まれた電話からもできてしまいます。登録されているすべての連絡先に、お知らせを送りました。",
                    "A stolen phone could do what you just did. We have told every address on the account.",
                ),
            },
            {
                "state": "next",
                "title": text("新しい電話番号と認証アプリを登録する", "Add your new number and app"),
                "time": text("待ち時間のあと、7日のあいだ", "Within 7 days after the wait"),
            },
            {
                "state": "next",
                "title": text("サインインする", "Sign in"),
                "time": text("出金はその48時間後から", "Withdrawals 48 hours later"),
            },
        ],
        "stopped": [
            {"state": "done", "title": text("手続きが始まりました", "A recovery began"), "at": now - timedelta(days=2)},
            {
                "state": "stopped",
                "title": text("ご本人が止めました", "The owner stopped it"),
                "at": now - timedelta(days=1),
                "text": text(
                    "新しく始めるときは、別の組み合わせで確認します。", "A new one needs a different set of proofs."
                ),
            },
        ],
        "steps": [
            {"state": "done", "title": text("状況", "What happened")},
            {"state": "now", "title": text("道を選ぶ", "Choose a road")},
            {"state": "next", "title": text("確認", "Proofs")},
            {"state": "next", "title": text("登録", "New things")},
        ],
        "roads": [
            {
                "title": text("認証アプリとパスワード", "Authenticator app and password"),
                "kinds": "TK",
                "wait": timedelta(),
                "needs_old_number": False,
                "who_for": text(
                    "Google Authenticator などを登録済みの方", "People with Google Authenticator, Authy and the like"
                ),
                "held": text("番号を変えたあと、24時間お休みします", "Rest 24 hours after the number changes"),
                "action_url": "#a",
                "action_label": text("サインインする", "Sign in"),
            },
            {
                "title": text("メールと認証アプリ", "Email and authenticator app"),
                "kinds": "ET",
                "wait": timedelta(hours=72),
                "when_note": text(
                    "いま始めると 11月25日（水）14:20 ごろ", "About 14:20 on Wed 25 Nov if you start now"
                ),
                "needs_old_number": False,
                "who_for": text("パスワードを忘れた方", "People who forgot the password"),
                "held": text("戻ったあと、48時間お休みします", "Rest 48 hours after you are back"),
                "why": text(
                    "どちらも一台の電話に入っているため、盗まれた電話からもできてしまいます",
                    "Both live in one phone, so a stolen phone could do it too",
                ),
                "action_url": "#b",
            },
            {
                "title": text("SMSコード", "SMS code"),
                "kinds": "MK",
                "wait": timedelta(),
                "needs_old_number": True,
                "who_for": text("番号がいまも使える方", "People whose number still works"),
            },
        ],
        "authenticators": [
            {
                "icon": "app",
                "name": text("仕事の電話のアプリ", "App on the work phone"),
                "added": now - timedelta(days=400),
                "used": now - timedelta(hours=2),
                "actions": [
                    {"url": "#c", "label": text("名前", "Rename")},
                    {"url": "#d", "label": text("外す", "Remove"), "tone": "stop"},
                ],
            },
            {
                "icon": "sms",
                "name": "•••-••••-5678",
                "state": text("72時間は待機中", "Settling for 72 hours"),
                "tone": "hold",
                "added": now - timedelta(hours=1),
            },
            {
                "icon": "paper",
                "name": text("回復コード", "Saved recovery codes"),
                "state": text("のこり 7", "7 left"),
                "tone": "done",
                "note": text("紙に控え、ひとつ入力して確かめました。", "Kept on paper; one was typed back."),
            },
        ],
        "sessions": [
            {"agent": "Chrome / macOS", "here": True, "seen": now, "began": now - timedelta(hours=1)},
            {
                "agent": "Safari / iPhone",
                "place": text("おおよその場所：大阪府", "About: Osaka"),
                "seen": now - timedelta(hours=3),
                "began": now - timedelta(days=1),
                "end_url": "#",
            },
        ],
        "events": [
            {
                "at": now - timedelta(hours=3),
                "title": text("はじめてのブラウザからサインイン", "Sign-in from a new browser"),
                "where": "Safari / iPhone",
                "state": text("確認をおすすめします", "Worth a look"),
                "tone": "hold",
            },
            {"at": now - timedelta(days=20), "title": text("回復コードを作りました", "Recovery codes made")},
        ],
        "document": {
            "title": text("運転免許証（おもて）", "Driving licence, front"),
            "state": text("撮りなおし", "Again"),
            "tone": "stop",
            "reason": text("右下が光っていて、番号が読めません。", "Glare at the lower right hides the number."),
            "note": text("順番はそのままです。", "You keep your place."),
            "marks": [{"x": 62, "y": 60, "width": 32, "height": 30}],
            "action_url": "#e",
            "action_label": text("もう一度撮影する", "Take it again"),
        },
        "codes": [f"K7Q2MX9D4TRB8WZC{n:04d}" for n in range(3101, 3111)],
        "next": [
            text("登録されているすべての連絡先にお知らせします。", "We tell every address on the account."),
            {"text": text("進めるようになります。", "You can go on."), "at": ends},
        ],
        "seed": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        "qr": mark_safe(  # noqa: S308 - drawn here from a constant
            segno.make("otpauth://totp/Modoru:hanako?secret=JBSWY3DPEHPK3PXP&issuer=Modoru", error="m").svg_inline(
                border=2, dark="#000", light="#fff", omitsize=True
            )
        ),
        "t": {
            "heading": text("部品の見本", "Components"),
            "hold_title": text("出金はお休み中です。", "Withdrawals are resting."),
            "hold_text": text(
                "11月27日（金）14:20 からご利用いただけます。", "They open again at 14:20 on Fri 27 Nov."
            ),
            "why": text("理由を見る", "See why"),
            "info": text(
                "該当するアカウントがあれば、登録済みのメールアドレスにコードを送りました。",
                "If there is an account, we have sent a code to its address.",
            ),
            "done": text("コードを再送しました。最新のコードを入力してください。", "Sent again. Use the latest code."),
            "hold": text(
                "待ち時間を短くするには、紙の回復コードか、パスワードを加えてください。",
                "To shorten the wait, add a saved code or the password.",
            ),
            "stop": text("凍結すると、出金と追加の登録が止まります。", "A freeze stops money and additions."),
            "add": text("もうひとつ確認を加える", "Add one more proof"),
            "calendar": text("カレンダーに入れる", "Put it in the calendar"),
            "back": text("あとで", "Later"),
            "remove": text("このアプリを外す", "Remove this app"),
            "done_title": text("おかえりなさい。", "Welcome back."),
            "done_text": text(
                "新しい電話番号とアプリでサインインしてください。", "Sign in with your new number and app."
            ),
            "empty_title": text("回復コードはまだありません", "No recovery codes yet"),
            "empty_text": text(
                "電話をなくしたときに、すぐ戻れるようになります。",
                "With them you come back at once when a phone is lost.",
            ),
            "make": text("作って印刷する", "Make and print"),
            "question": text("コードが届かないとき", "My code does not come"),
            "answer": text(
                "1分待ってから再送できます。メールは迷惑メールのフォルダもご覧ください。",
                "Wait a minute and send again. For mail, look in the spam folder too.",
            ),
            "situation": text("電話番号：変更して、古い番号を使えない", "Number: changed, the old one is gone"),
            "code": text("鍵", "key"),
            "scan": text("認証アプリ登録用QRコード", "QR code to add the authenticator app"),
        },
    }


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    """Draw everything; ?lang=en or ?lang=ja chooses the language, ?clean=1 leaves out the errors. Only with DEBUG."""
    if not settings.DEBUG:
        raise Http404
    language = request.GET.get("lang", translation.get_language() or "ja")
    with translation.override(language if language in ("ja", "en") else "ja"):
        lang = JA if translation.get_language() == "ja" else EN
        form = SampleForm(lang) if request.GET.get("clean") else SampleForm(lang, {"email": ""})
        return render(
            request, "dev/components.html", {"form": form, "calm": SampleForm(lang, prefix="calm"), **_sample(lang)}
        )
