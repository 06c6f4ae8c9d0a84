"""The one builder of otpauth addresses and their QR codes (conventions §1.7)."""

from __future__ import annotations

import base64
from urllib.parse import quote

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe


def base32(seed: bytes) -> str:
    """The seed as apps take it by hand: base32 without padding."""
    return base64.b32encode(seed).decode().rstrip("=")


def uri(seed: bytes, account: str, issuer: str = "") -> str:
    """otpauth://totp/Issuer:account?secret=…&issuer=Issuer&algorithm=SHA1&digits=6&period=30, as every app reads it.

    Issuer in label and parameter, equal; %20 and never +; no = and no inner colon; secret first (for Microsoft's app).
    """
    who, whom = _part(issuer or settings.SERVICE_NAME), _part(account)
    return f"otpauth://totp/{who}:{whom}?secret={base32(seed)}&issuer={who}&algorithm=SHA1&digits=6&period=30"


def qr_svg(address: str) -> SafeString:
    """The address as one inline SVG path: no style attribute, no data: image, so a strict CSP lets it through (P34)."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        border=4, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawn)


def _part(text: str) -> str:
    return quote(text.replace(":", " ").strip(), safe="@")
