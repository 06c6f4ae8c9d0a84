"""What the Makefile's targets do. Only bootstrap.py runs on the system's Python; the rest runs in .venv."""
