from opus.celery import app as celery_app

# That of pyproject.toml: a test compares the two.
VERSION = "1.0.0"

__all__ = ["VERSION", "celery_app"]
