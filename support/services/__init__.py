"""Verbs of this floor: papers received, checked, handed to people, destroyed; reviews taken and decided."""
