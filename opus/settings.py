"""Settings of Opus; delays and limits are in ``delays_and_limits``.

The environment contains what differs by machine. ``.env.example`` lists the variables;
docs/operations/settings.md says which values are refused, and a test tries them.
"""

import sys
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from whitenoise.compress import Compressor

from opus.delays_and_limits import *  # noqa: F403
from opus.env import (
    env_antivirus,
    env_binds,
    env_bool,
    env_broker,
    env_choice,
    env_database,
    env_email,
    env_fernet_keys,
    env_hosts,
    env_int,
    env_key,
    env_mailer,
    env_optional_bind,
    env_origins,
    env_role,
    env_secret,
    env_sender,
    env_sentry,
    env_str,
    env_url,
    env_webhook_secrets,
    port_of,
)
from opus.lib.logs import of_django

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Which Opus is this? --------------------------------------------------------------
# Demo mode shows one-time codes on screen: it may run on the loopback only.
DEMO = env_bool("OPUS_DEMO")
TESTING = "pytest" in sys.modules
DEBUG = False


def unless_real(text: str) -> str | None:
    """Return a default for demonstrations and tests; None: required."""
    return text if DEMO or TESTING else None


PORT = env_int("OPUS_PORT", 8000, least=1, most=65_535)
ALLOWED_HOSTS = env_hosts("OPUS_HOSTS", unless_real("localhost"))
CSRF_TRUSTED_ORIGINS = env_origins("OPUS_TRUSTED_ORIGINS")
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}
if DEMO and not set(ALLOWED_HOSTS) <= LOOPBACK_NAMES:
    raise ImproperlyConfigured("OPUS_DEMO=1 serves the loopback only: see OPUS_HOSTS.")

SECRET_KEY = env_key(
    "OPUS_SECRET_KEY",
    stand_in=unless_real("a-stand-in-for-demonstrations-and-tests-only-" * 2),
    least=50,
)
# Fernet keys, newest first: they encrypt the TOTP keys at rest (S3).
OTP_KEYS = env_fernet_keys(
    "OPUS_OTP_KEYS",
    stand_in=unless_real("b3B1cy1kZW1vbnN0cmF0aW9uLWtleS0zMi1ieXRlcyE="),
)

# --- The web servers: opus/gunicorn.py, opus/gunicorn_feed.py -------------------------
WEB_BIND = env_binds("OPUS_BIND", "0.0.0.0:8000")
FEED_BIND = env_binds("OPUS_FEED_BIND", f"unix:{BASE_DIR / '.opus' / 'feed.sock'}")
WEB_WORKERS = env_int("OPUS_WEB_WORKERS", 2, least=1, most=500)
WEB_THREADS = env_int("OPUS_WEB_THREADS", 2, least=1, most=500)

# --- Applications ---------------------------------------------------------------------
INSTALLED_APPS = [
    "opus.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "opus.apps.StaticFilesConfig",
    "django.forms",
    "django_otp",
    "django_htmx",
    "widget_tweaks",
    "dsfr",
    "opus.lib",
    "accounts",
    "offers",
    "opus.support",
    "referrals",
    "opus.operations",
    "opus.desk",
    "demo",
    # After ours, because it needs our models while it loads.
    "django_otp_webauthn",
]

MIDDLEWARE = [
    "opus.operations.middleware.RequestMiddleware",
    "opus.operations.middleware.MetricsMiddleware",
    "opus.lib.web.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A page of results is 70 kB plain and 10 kB compressed (P8). Against BREACH, tokens
    # get a new mask in each page and Django adds a random length to each response.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "opus.lib.web.GateMiddleware",
    "opus.lib.web.BreakdownMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "opus.lib.audit.journal.TraceMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.signin.middleware.AccessMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "opus.lib.text_guard.middleware.TextGuardMiddleware",
    "accounts.signin.rate_limits.RepeatMiddleware",
]

ROOT_URLCONF = "opus.urls"
WSGI_APPLICATION = "opus.wsgi.application"
# Whatever SCRIPT_NAME the web server sends, addresses begin at the root.
FORCE_SCRIPT_NAME = ""
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opus.lib.web.site",
                "offers.feed.health.context",
                "opus.support.service_status.banners.context",
            ],
            "builtins": ["django.templatetags.static", "opus.lib.templatetags.french"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data -----------------------------------------------------------------------------
# The owner of the tables for these commands, the application's role for all else. It
# has another secret, which web, feed, worker and beat do not know.
OWNERS_COMMANDS = {"migrate", "backup", "prepare", "restore_drill", "seed_demo"}
AS_OWNER = not OWNERS_COMMANDS.isdisjoint(sys.argv[1:2])
APP_ROLE = env_role("OPUS_APP_ROLE", "opus")
DATABASES = {
    "default": env_database("OPUS_MIGRATE_URL")
    if AS_OWNER
    else env_database("DATABASE_URL")
}
# Limits of a stuck query are the database's own (opus/lib/database/roles.py): a pooler
# passes no start-up option on, and keeps no cursor between two transactions.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
# Planned once a connection: the statements that ask for it (``planned_rows``, a
# delivery's), and no other. Without a threshold psycopg prepares none.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 1_000_000
# A replica for the search statement alone (docs/adr/0026).
if env_secret("OPUS_SEARCH_URL", stand_in="") and not AS_OWNER:
    DATABASES["search"] = env_database("OPUS_SEARCH_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
BROKER = env_broker("REDIS_URL")
REDIS_URL = BROKER.url
# No page cache for offers: sessions and limits stand in PostgreSQL.
SESSION_ENGINE = "accounts.signin.sessions"

# --- Celery ---------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_USE_SSL = BROKER.use_ssl
CELERY_BROKER_TRANSPORT_OPTIONS = BROKER_OPTIONS | BROKER.options  # noqa: F405

# --- Sign-in --------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# Identifiers are unique whatever their case, by a constraint on lower(identifier).
# The preload list is the choice of who owns the domain: OPUS_HSTS_PRELOAD.
SILENCED_SYSTEM_CHECKS = ["auth.W004", "security.W021"]
AUTHENTICATION_BACKENDS = ["accounts.signin.backends.IdentifierBackend"]
PASSWORD_HASHERS = [
    "accounts.signin.passwords.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.signin.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation"
        ".UserAttributeSimilarityValidator"
    },
    {"NAME": "accounts.signin.passwords.ContextWordsValidator"},
    {"NAME": "accounts.signin.passwords.FrenchHabitsValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
CHARTER_VERSION = "2026-11"

# Passkeys are bound to a name (S2): the first of OPUS_HOSTS. They work under that name
# and its subdomains. A change of name obliges everybody to enrol again.
OTP_WEBAUTHN_RP_NAME = "Opus"
OTP_WEBAUTHN_RP_ID = unless_real("localhost") or ALLOWED_HOSTS[0]
OTP_WEBAUTHN_ALLOWED_ORIGINS = (
    [f"http://localhost:{PORT}"]
    if DEMO or TESTING
    else [f"https://{name}" for name in ALLOWED_HOSTS] + CSRF_TRUSTED_ORIGINS
)
OTP_WEBAUTHN_CREDENTIAL_MODEL = "accounts.Passkey"
OTP_WEBAUTHN_HELPER_CLASS = "accounts.signin.second_factor.Helper"

# --- Sessions and cookies (S13, S18) --------------------------------------------------
SESSION_COOKIE_NAME = "__Host-opus"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True
# In the session too: Django's other storage is a cookie without the prefix (S18).
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_SECURE = True
CSRF_FAILURE_VIEW = "opus.views.csrf_failure"

# --- Headers (S29, S30) ---------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
    "report-uri": ["/csp/"],
}
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("OPUS_HSTS_SUBDOMAINS", default=True)
# A listing in browsers can hardly be undone, and the list accepts no header that leaves
# the subdomains out.
SECURE_HSTS_PRELOAD = env_bool("OPUS_HSTS_PRELOAD")
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("OPUS_HSTS_PRELOAD=1 needs OPUS_HSTS_SUBDOMAINS=1.")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Behind a proxy that ends TLS, except on the loopback.
SECURE_SSL_REDIRECT = not (DEMO or TESTING)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
# Proxies in front of us that write X-Forwarded-For; 0 = the peer is the client.
TRUSTED_PROXIES = env_int("OPUS_TRUSTED_PROXIES", 0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
# Maximum body size, files included: a batch of the feed is the longest. Forms refuse
# shorter files with their own messages.
BODY_MAX_BYTES = 5 * 1024 * 1024

# --- Language and time ----------------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# --- Static files ---------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env_str("OPUS_STATIC_ROOT", str(BASE_DIR / ".opus" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "opus.lib.web.StaticFiles"
    },
}
# robots.txt and favicon.ico: their addresses are at the root.
WHITENOISE_ROOT = BASE_DIR / "root_files"
WHITENOISE_USE_FINDERS = TESTING
# Few tests request a file: without it each of their clients would list them all.
WHITENOISE_AUTOREFRESH = TESTING
# No page uses the plain names; a thousand icons of 300 bytes gain nothing by gzip.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "svg"]
# The manifest renames the files, so their published checksums no longer match.
DSFR_USE_INTEGRITY_CHECKSUMS = False
# The State's marks appear only on a deployment that the SIG approved (A18).
STATE_IDENTITY = env_bool("OPUS_STATE_IDENTITY")

# --- Contacts: public pages and security.txt ------------------------------------------
CONTACT = {
    "service": env_email("OPUS_CONTACT", unless_real("opus@francetravail.example")),
    "dpo": env_email("OPUS_DPO", unless_real("dpo@francetravail.example")),
    "hosted_by": env_str("OPUS_HOSTED_BY", unless_real("Hébergeur : à compléter.")),
    "publisher": env_str("OPUS_PUBLISHER", unless_real("Éditeur : à compléter.")),
    "director": env_str("OPUS_PUBLICATION_DIRECTOR", unless_real("Prénom Nom")),
    "phone": env_str("OPUS_PUBLISHER_PHONE", unless_real("01 99 00 00 00")),
    # The source of what runs here, changes included (AGPL, section 13).
    "source": env_url("OPUS_SOURCE_URL", unless_real("https://code.example/opus")),
}

# --- E-mails: through the outbox only -------------------------------------------------
SITE_URL = f"http://localhost:{PORT}" if DEMO else f"https://{ALLOWED_HOSTS[0]}"
DEFAULT_SENDER = env_sender(
    "OPUS_MAIL_FROM", unless_real("Opus <ne-pas-repondre@opus.example>")
)
MESSAGE_ID_HOST = ALLOWED_HOSTS[0]
# A demonstration sends nothing: /demo/courriels/ shows the e-mails.
MAILERS = {
    "default": {"BACKEND": "opus.lib.outbound.outbox.DemoMailBackend"}
    if DEMO or TESTING
    else env_mailer("OPUS_SMTP")
}

# --- Rules of the trade ---------------------------------------------------------------
# Reading A or B of article 3.2.
ACTS_READING = env_choice("OPUS_ACTS_READING", "A", choices=("A", "B"))
# Searches of one account in ten minutes: above, a pause. 0 is no limit (S6).
SEARCH_LIMIT = 0 if DEMO else env_int("OPUS_SEARCH_LIMIT", 3000)
CLAMD = env_antivirus("OPUS_CLAMD")  # What people send is scanned there (S31).
# The prober asks here each minute, as from outside (R16). Empty: nothing is measured.
PROBE_URL = env_url("OPUS_PROBE_URL", f"http://localhost:{PORT}/readyz" if DEMO else "")

# --- The offers feed ------------------------------------------------------------------
# Secrets of Standard Webhooks, several live while one replaces another (S36). None: the
# endpoint refuses all, and no page waits for events.
FEED_SECRETS = env_webhook_secrets("OPUS_FEED_SECRETS")
# The public API "Offres d'emploi v2", a fallback of the feed. Without credentials
# nothing is pulled.
API_URL = env_url(
    "OPUS_API_URL", "https://api.francetravail.io/partenaire/offresdemploi"
).rstrip("/")
API_TOKEN_URL = env_url(
    "OPUS_API_TOKEN_URL",
    "https://entreprise.francetravail.fr/connexion/oauth2/access_token"
    "?realm=/partenaire",
)
API_CLIENT_ID = env_str("OPUS_API_CLIENT_ID", "")
API_CLIENT_SECRET = env_secret("OPUS_API_CLIENT_SECRET", stand_in="")
if API_CLIENT_ID and not API_CLIENT_SECRET:
    raise ImproperlyConfigured("OPUS_API_CLIENT_ID needs OPUS_API_CLIENT_SECRET.")
API_SCOPE = env_str("OPUS_API_SCOPE", "api_offresdemploiv2 o2dsoffre")
# Minutes between the starts of two full comparisons (R4); 0 is never.
COMPARE_EVERY = timedelta(minutes=env_int("OPUS_COMPARE_MINUTES", 120))

# --- Webhooks to France Travail's own system (R6) -------------------------------------
# Each step of an act is posted to this address, signed with this secret. Without an
# address nothing is sent.
WEBHOOKS_URL = env_url("OPUS_WEBHOOKS_URL")
WEBHOOKS_SECRET = next(iter(env_webhook_secrets("OPUS_WEBHOOKS_SECRET")), "")
if WEBHOOKS_URL and not WEBHOOKS_SECRET:
    raise ImproperlyConfigured("OPUS_WEBHOOKS_URL needs OPUS_WEBHOOKS_SECRET.")

# --- Figures for operators (R15) ------------------------------------------------------
# At addresses of their own, by this token: the port of each server's.
METRICS_TOKEN = env_key("OPUS_METRICS_TOKEN", stand_in="", least=32)
METRICS_BIND = env_optional_bind("OPUS_METRICS_BIND")
FEED_METRICS_BIND = env_optional_bind("OPUS_FEED_METRICS_BIND")
METRICS_PORTS = {"web": port_of(METRICS_BIND), "feed": port_of(FEED_METRICS_BIND)}
if any(METRICS_PORTS.values()) and not METRICS_TOKEN:
    raise ImproperlyConfigured(
        "OPUS_METRICS_BIND and OPUS_FEED_METRICS_BIND need OPUS_METRICS_TOKEN."
    )
if METRICS_PORTS["web"] and METRICS_PORTS["web"] == METRICS_PORTS["feed"]:
    raise ImproperlyConfigured("OPUS_FEED_METRICS_BIND needs a port of its own.")

# --- Logs and errors (S41) ------------------------------------------------------------
LOG_LEVEL = env_choice(
    "OPUS_LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR")
)
LOGGING = of_django(level=LOG_LEVEL, sentry_dsn=env_sentry("OPUS_SENTRY_DSN"))
