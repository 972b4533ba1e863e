from django import template

from offers.feed.figures import Figure
from offers.pull.figures import figures

register = template.Library()


@register.simple_tag
def feed_figures() -> list[Figure]:
    return figures()
