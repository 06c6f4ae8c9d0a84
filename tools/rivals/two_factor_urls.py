"""The addresses of django-two-factor-auth, and Django's logout, to which its pages link."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from two_factor.urls import urlpatterns as two_factor

urlpatterns = [path("", include(two_factor)), path("account/logout/", LogoutView.as_view(), name="logout")]
