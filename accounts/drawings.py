"""Our own line drawings on a grid of 24: decoration beside words, in the colour of the text, never a file to fetch."""

# ruff: noqa: E501 - drawings are not prose

from __future__ import annotations

ICONS = {
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "app": '<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M10 18.5h4M12 7v4l2.5 1.5"/>',
    "phone": '<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M10 18.5h4"/>',
    "sms": '<path d="M4 5.5h16v10.5h-9l-4.5 4v-4H4z"/><path d="M8.5 10.8h.01M12 10.8h.01M15.5 10.8h.01"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2.5"/><path d="M3.5 7.5L12 13l8.5-5.5"/>',
    "paper": '<path d="M6 3h8.5L19 7.5V21H6z"/><path d="M14 3v5h5M9.5 12.5h6M9.5 16.5h6"/>',
    "password": '<rect x="3" y="7.5" width="18" height="9" rx="2.5"/><path d="M7.5 12h.01M12 12h.01M16.5 12h.01"/>',
    "passkey": '<circle cx="8.5" cy="9" r="4.5"/><path d="M12 12l8 8M16.5 16.5l2.5-2.5"/>',
    "people": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6"/><path d="M15.5 5.3a3.5 3.5 0 010 6.4M18 14.5c2 .8 3.2 2.6 3.5 5.5"/>',
    "identity": '<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><circle cx="8.5" cy="11" r="2.2"/><path d="M5 16c.6-1.6 1.9-2.3 3.5-2.3s2.9.7 3.5 2.3M15 10h4M15 14h4"/>',
    "device": '<rect x="3" y="4.5" width="18" height="11.5" rx="2"/><path d="M8.5 20h7M12 16v4"/>',
    "done": '<circle cx="12" cy="12" r="9.2"/><path d="M7.8 12.3l2.9 2.9 5.6-6"/>',
    "info": '<circle cx="12" cy="12" r="9.2"/><path d="M12 11v5.5M12 7.5h.01"/>',
    "hold": '<circle cx="12" cy="12" r="9.2"/><path d="M12 6.8V12l3.3 2.2"/>',
    "stop": '<path d="M8.2 2.8h7.6l5.4 5.4v7.6l-5.4 5.4H8.2l-5.4-5.4V8.2z"/><path d="M12 7.5v5.5M12 16.5h.01"/>',
    "shield": '<path d="M12 2.8l7.5 2.7v6c0 4.7-3 8.2-7.5 9.7-4.5-1.5-7.5-5-7.5-9.7v-6z"/><path d="M8.6 12l2.4 2.4 4.4-4.8"/>',
    "print": '<path d="M7 8V3h10v5M7 17H3.5V8h17v9H17"/><path d="M7 14h10v7H7z"/>',
    "copy": '<rect x="8.5" y="8.5" width="12" height="12" rx="2"/><path d="M15.5 5V3.5h-12v12H5"/>',
    "calendar": '<rect x="3" y="5" width="18" height="16" rx="2"/><path d="M3 10h18M8 2.5V6M16 2.5V6"/>',
    "save": '<path d="M12 3v12M7 10.5l5 5 5-5M4 20.5h16"/>',
}
#: What a proof looks like, by the letters of the product's table (R1).
PROOF_ICONS = {
    "K": "password",
    "T": "app",
    "P": "passkey",
    "S": "paper",
    "E": "mail",
    "M": "sms",
    "C": "people",
    "I": "identity",
}
