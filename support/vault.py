"""The vault: the bytes of papers, sealed for their row and page, in private storage with names that say nothing."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts import crypto


def put(paper: UUID, part: str, data: bytes) -> None:
    """Seal and store one part of a paper ("came", "1", "2" …); what stood there before is replaced.

    Attacks stopped: a copied disk or bucket that shows papers, and files swapped between rows (ASVS 14.2.4).
    """
    name = _name(paper, part)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(crypto.seal_file(data, _bound(paper, part))))


def get(paper: UUID, part: str) -> bytes:
    """The bytes of one part; FileNotFoundError when it is not there, `crypto.Tampered` when it is not ours."""
    return crypto.unseal_file(_stored(paper, part), _bound(paper, part))


def destroy(paper: UUID, parts: list[str]) -> str:
    """Delete these parts and say the SHA-256 over what was deleted, sealed as it lay there. Idempotent."""
    proof = hashlib.sha256()
    for part in parts:
        if default_storage.exists(_name(paper, part)):
            proof.update(_stored(paper, part))
            default_storage.delete(_name(paper, part))
    return proof.hexdigest()


def _stored(paper: UUID, part: str) -> bytes:
    with default_storage.open(_name(paper, part), "rb") as file:
        found: bytes = file.read()
        return found


def _name(paper: UUID, part: str) -> str:
    return f"papers/{paper.hex[:2]}/{crypto.keyed_name('vault', f'{paper}:{part}')}"


def _bound(paper: UUID, part: str) -> str:
    return f"paper:{paper}:{part}"
