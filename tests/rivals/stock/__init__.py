"""django-two-factor-auth out of the box, so that its faults can be seen: `python -m tests.rivals.stock P3`."""
