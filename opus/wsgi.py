import os

from django.core.wsgi import get_wsgi_application

from opus import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
startup.load_settings()
application = get_wsgi_application()
startup.refuse_old_postgres()
