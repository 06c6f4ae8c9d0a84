"""Notices of recovery (being built)."""
