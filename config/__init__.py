"""Wiring only: settings, addresses, tasks. Imported by nobody below."""
