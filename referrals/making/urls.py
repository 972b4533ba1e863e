from collections.abc import Iterator

from django.urls import URLPattern, path

from referrals.acts.act_rights import ActKind
from referrals.making import views
from referrals.making.forms import ConfirmForm


def urls_to_make(
    kind: ActKind, part: str, name: str, form: type[ConfirmForm]
) -> Iterator[URLPattern]:
    """Yield the URLs of the two steps."""
    yield path(
        f"offres/<reference:reference>/{part}/",
        views.act_start,
        {"kind": kind},
        name=f"{name}_start",
    )
    yield path(
        f"offres/<reference:reference>/{part}/<uuid:candidate_pk>/",
        views.act_confirm,
        {"kind": kind, "form_class": form},
        name=f"{name}_confirm",
    )
