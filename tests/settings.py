"""The portal's own settings in the environment of the tests. Nothing is switched off but cost."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# A folder of its own, so that tests and a running portal never share a clock, a key or a broker.
VAR = Path(tempfile.gettempdir()) / f"modoru-tests-{os.getuid()}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
os.environ["MODORU_TESTING"] = "1"
os.environ["VAR_DIR"] = str(VAR)
os.environ["DEBUG"] = "0"
for name in ("SECRET_KEY", "REDIS_URL", "EMAIL_URL", "SMS_URL", "BASE_URL", "ENCRYPTION_KEYS", "PORT"):
    os.environ.pop(name, None)  # what the developer's shell holds must not decide a test
# Argon2id as in production but with little memory; the test of the hasher's cost sets it back.
os.environ.setdefault("ARGON2_MEMORY_KIB", "64")

from config.settings import *  # noqa: E402, F403
