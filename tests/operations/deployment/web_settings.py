"""Production's settings, on a machine that collected no static file."""

from opus.settings import *  # noqa: F403
from opus.settings import STORAGES

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": PLAIN}}
