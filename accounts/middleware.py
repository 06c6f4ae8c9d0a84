"""Middleware (being built)."""

from __future__ import annotations


class _Pass:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


class RequestIdMiddleware(_Pass): ...


class HeadersMiddleware(_Pass): ...


class SessionLimitsMiddleware(_Pass): ...


class AccountMiddleware(_Pass): ...
