"""The product's settings for tests: each test process has its own folder and its own broker."""

import os
from pathlib import Path
from urllib.parse import urlsplit

_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_home = Path(os.environ["COHORTIUM_HOME"])
# Programs that a test starts read this file again, with the environment already changed.
if _home.name != _worker:
    os.environ["COHORTIUM_HOME"] = str(_home / _worker)
    (_home / _worker / "static").mkdir(parents=True)
_number = _worker.removeprefix("gw")
_broker = urlsplit(os.environ["REDIS_URL"])
# Not by geturl(), which leaves out the empty host of a socket's address.
os.environ["REDIS_URL"] = (
    f"redis+socket://{_broker.path}?virtual_host={_number}"
    if _broker.scheme == "redis+socket"
    else _broker._replace(path=f"/{_number}").geturl()
)

from portal.settings import *  # noqa: E402, F403  # after the environment is as it shall be

# A thread of the live server lives as long as a browser keeps its line open; a connection kept as
# long would be one more session when the test database is dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
# Slow on purpose, which protects passwords and holds up tests.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Straight from static/, without a collected copy.
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# Found when asked for: each test client would list all of them anew.
WHITENOISE_AUTOREFRESH = True
