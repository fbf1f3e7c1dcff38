"""The web process's entry point."""

import atexit
import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import get_resolver

from portal.instance import prepare_environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
prepare_environment()
application = get_wsgi_application()

# What is loaded by now, with all views and templates, stays as long as the process: the garbage
# collector need not go through it again and again, which made every thirtieth page or so wait for
# a tenth of a second; and processes forked from this one go on sharing its memory.
_ = get_resolver().url_patterns
for path in (settings.BASE_DIR / "templates").rglob("*.html"):
    get_template(str(path.relative_to(settings.BASE_DIR / "templates")))
gc.collect()
gc.freeze()
# At the end some libraries look whether all of theirs was let go.
atexit.register(gc.unfreeze)
