"""French of names in templates."""

from django import template

from opus.lib import french

register = template.Library()
register.filter("de", french.of)
