"""Words to be said in a video: easy to read aloud and hard to mistake. They are no secret; they show that it is new."""

from __future__ import annotations

import json
import secrets
from datetime import datetime

from accounts import clock, crypto
from policy.rules import RULES

_JA = """
ひまわり みかん ろうそく つばめ くじら たいよう かみなり ふうせん もみじ さくら すずめ とけい
はさみ つくえ えんぴつ りんご ぶどう いるか きつね たぬき こおり みずうみ さばく ゆきだるま
かさ てぶくろ まくら かばん でんしゃ ひこうき ふね じてんしゃ たまご おにぎり うどん せんべい
だいこん にんじん かぼちゃ とうふ やかん なべ たいこ ふえ らくだ きりん ぞう ぺんぎん
"""
_EN = """
sunflower orange candle swallow whale thunder balloon maple sparrow clock scissors table pencil apple grape dolphin
fox badger ice lake desert snowman umbrella glove pillow basket train airplane ship bicycle egg rice noodle cracker
radish carrot pumpkin kettle pan drum flute camel giraffe elephant penguin river bridge window
"""
JA, EN = tuple(_JA.split()), tuple(_EN.split())
COUNT = 3


def fresh(reference: str, language: str) -> tuple[str, str]:
    """Three words, and the sealed token by which the page brings them back: good for this case and for 15 minutes."""
    words = " ".join(secrets.choice(JA if language == "ja" else EN) for _ in range(COUNT))
    until = clock.now() + RULES.video_words_life
    return words, crypto.seal(json.dumps([words, until.isoformat()]).encode(), _bound(reference))


def said(reference: str, token: str) -> tuple[str, datetime] | None:
    """The words of a token and until when they count; None when it is old or another case's.

    Attack stopped: a video made before, or for another case (SP 800-63A-4 §3.13).
    """
    try:
        words, until = json.loads(crypto.unseal(token, _bound(reference)))
    except crypto.Tampered:
        return None
    ends = datetime.fromisoformat(until)
    return (words, ends) if clock.now() < ends else None


def _bound(reference: str) -> str:
    return f"video:{reference}"
