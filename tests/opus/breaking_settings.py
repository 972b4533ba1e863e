"""Settings of a web server whose views break."""

from tests.opus.web_settings import *  # noqa: F403

ROOT_URLCONF = "tests.opus.breaking_urls"
