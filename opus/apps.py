from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "opus.admin_site.OpusAdminSite"


# The families that the design system's own style sheet does not name.
UNUSED_ICONS = [
    *("buildings", "communication", "design", "development", "device", "document"),
    *("finance", "health", "map", "others"),
]


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Leave out unused files of the design system (17 MB).

    Its style sheet and script stay whole, with their fonts and icons.
    """

    ignore_patterns = [
        *DjangoStaticFilesConfig.ignore_patterns,
        "README.md",
        "dsfr/dist/analytics/*",
        "dsfr/dist/artwork/background/*",
        "dsfr/dist/artwork/pictograms/*",
        "dsfr/dist/component/*",
        "dsfr/dist/core/*",
        "dsfr/dist/dsfr/*",
        *[f"dsfr/dist/icons/{family}/*" for family in UNUSED_ICONS],
        "dsfr/dist/layout/*",
        "dsfr/dist/legacy/*",
        "dsfr/dist/scheme/*",
        "dsfr/dist/utility/*",
        "django-dsfr/icon-picker/*",
        "django_htmx/htmax*",
        "django_htmx/htmx-2*",
        # Loaded only in debug mode or in other languages.
        "django_htmx/htmx-4.js",
        "admin/js/vendor/jquery/jquery.js",
        "admin/js/vendor/select2/select2.full.js",
        "admin/js/vendor/xregexp/xregexp.js",
        "admin/js/vendor/select2/i18n/[!f]*",
        "admin/js/vendor/select2/i18n/f[!r]*",
        # For browsers without ES modules.
        "*.legacy.*",
        "*.main.min.css",
        "*.nomodule.*",
    ]
