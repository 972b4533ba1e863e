from collections.abc import Iterator

from django.urls import URLPattern, path

from referrals.follow_up import views

urlpatterns = [path("profil/decisions/", views.decision_emails, name="decision_emails")]


def act_urls(
    part: str, name: str, pages: views.ActPages, *, steps: str = ""
) -> Iterator[URLPattern]:
    """Yield the URLs of the list, page and steps."""
    given = {"pages": pages}
    yield path(f"{part}/", views.act_list, given, name=f"{name}s")
    yield path(f"{part}/<uuid:pk>/", views.act_page, given, name=name)
    for url, (step, form, target) in pages.steps.items():
        yield path(
            f"{part}/<uuid:pk>/{url}/",
            views.act_step,
            {**given, "form_class": form, "target": target},
            name=f"{steps or name}_{step}",
        )
