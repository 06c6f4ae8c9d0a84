"""Adapter to the sign-in engine (being built)."""
