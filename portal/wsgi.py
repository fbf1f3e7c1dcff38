"""The web process's entry point."""

import atexit
import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from portal.instance import prepare_environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
prepare_environment()
application = get_wsgi_application()

# What is loaded by now, with all the views, stays as long as the process: the garbage collector
# need not go through it again and again, which made every thirtieth page or so wait for a tenth of
# a second; and processes forked from this one go on sharing its memory.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
# At the end some libraries look whether all of theirs was let go.
atexit.register(gc.unfreeze)
