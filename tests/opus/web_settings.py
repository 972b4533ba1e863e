"""Settings of a web server that a test starts: static files need no collecting."""

from opus.settings import *  # noqa: F403
from opus.settings import STORAGES

STATIC_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": STATIC_FILES}}
