"""What may be: the rules R1–R20 of the product as plain Python. No Django, no clock, no I/O."""
