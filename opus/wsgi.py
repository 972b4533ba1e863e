"""The site, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from opus.operations.monitoring import metrics_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
# Before anything imports Prometheus's client.
metrics_folder.make()
application = get_wsgi_application()
