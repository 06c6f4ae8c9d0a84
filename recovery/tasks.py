"""Tasks: ids in, a service called, a word out."""

from __future__ import annotations

from celery import shared_task

from recovery.services import cases, claims, holds, requests


@shared_task(name="recovery.resolve_claim")
def resolve_claim(case_id: str) -> None:
    claims.resolve(case_id)


@shared_task(name="recovery.answer_request")
def answer_request(request_id: str) -> None:
    requests.answer(request_id)


@shared_task(name="recovery.settle_notice")
def settle_notice(reference: str) -> None:
    holds.settle_notice(reference)


@shared_task(name="recovery.sweep_cases")
def sweep_cases() -> int:
    return cases.sweep()
