"""A vault of its own for each test that stores papers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from support import vault


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vault of its own."""
    monkeypatch.setattr(vault, "default_storage", FileSystemStorage(location=tmp_path))
    return tmp_path
