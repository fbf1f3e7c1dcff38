"""The web process's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from portal.instance import prepare_environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
prepare_environment()
application = get_wsgi_application()
