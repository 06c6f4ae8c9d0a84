"""Tasks: ids in, a service called, a word out."""

from __future__ import annotations

from celery import shared_task

from accounts import clock
from support.services import papers, reviewing


@shared_task(name="support.check_paper")
def check_paper(paper_id: str) -> None:
    papers.check(paper_id)


@shared_task(name="support.resolve_papers")
def resolve_papers(paper_id: str) -> None:
    reviewing.resolve(paper_id)


@shared_task(name="support.sweep_papers")
def sweep_papers() -> int:
    return papers.sweep(clock.now()) + reviewing.sweep(clock.now())
