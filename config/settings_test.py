"""Settings of the test suite: the real ones with keys of their own, fast password hashing, and no Redis."""

import os

# The product's settings would otherwise make development keys in var/.
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("CREDENTIALS_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR, DATABASES

VAR = BASE_DIR / "var" / "tests"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests-local"},
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A pool keeps connections open, and the test database could then not be dropped.
    DATABASES["default"]["OPTIONS"].pop("pool", None)
WHITENOISE_AUTOREFRESH = True  # no walk over all static files per test process
SYNC_PASSES_AT_ONCE = 1  # a test's transaction is its thread's own
