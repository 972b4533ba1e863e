from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path

from referrals.follow_up.views import Steps


def step_urls(part: str, name: str, view: Any, steps: Steps) -> Iterator[URLPattern]:
    for url, (step, form, target) in steps.items():
        yield path(
            f"{part}/<uuid:pk>/{url}/",
            view,
            {"form_class": form, "target": target},
            name=f"{name}_{step}",
        )
