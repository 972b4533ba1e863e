"""The site, for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from opus.startup import make_metrics_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
# Before anything imports Prometheus's client.
make_metrics_folder()
from opus.lib.bodies import BufferedBodies  # noqa: E402

application = BufferedBodies(get_wsgi_application(), threads=settings.WEB_THREADS)
