"""The vault: what is stored tells nothing, fits one place only, and is gone when it is said to be."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from accounts import crypto
from support import vault
from tests.support import files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vault, "default_storage", FileSystemStorage(location=tmp_path))
    return tmp_path


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_stored_is_no_picture_and_its_name_says_nothing(folder: Path) -> None:
    paper, photo = uuid.uuid4(), files.photo()
    vault.put(paper, "1", photo)
    (path,) = stored(folder)
    assert b"\xff\xd8\xff" not in path.read_bytes()
    assert photo[100:140] not in path.read_bytes()
    assert str(paper) not in str(path)
    assert paper.hex not in str(path)
    assert vault.get(paper, "1") == photo


def test_a_file_moved_to_another_row_or_page_is_refused(folder: Path) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    vault.put(one, "1", b"one")
    sealed = stored(folder)[0].read_bytes()
    for paper, part in ((other, "1"), (one, "2")):
        vault.put(paper, part, b"theirs")
        path = next(path for path in stored(folder) if path.read_bytes() != sealed)
        path.write_bytes(sealed)
        with pytest.raises(crypto.Tampered):
            vault.get(paper, part)
        path.unlink()


def test_destroyed_is_gone_with_a_proof(folder: Path) -> None:
    paper = uuid.uuid4()
    vault.put(paper, "1", b"one")
    digest = hashlib.sha256(stored(folder)[0].read_bytes()).hexdigest()
    assert vault.destroy(paper, ["came", "1"]) == digest
    assert stored(folder) == []
    with pytest.raises(FileNotFoundError):
        vault.get(paper, "1")


def test_a_part_stored_again_replaces_the_first(folder: Path) -> None:
    paper = uuid.uuid4()
    vault.put(paper, "1", b"one")
    vault.put(paper, "1", b"two")
    assert vault.get(paper, "1") == b"two"
    assert len(stored(folder)) == 1
