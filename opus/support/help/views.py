"""The help: FAQ, guides, certified browsers (art. 6, U17)."""

from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.signin.access import MemberRequest, any_account
from opus.support.help.models import CertifiedBrowser, Guide, Question, Theme

TYPED_MAX = 200


@any_account
@require_safe
def help_home(request: HttpRequest) -> HttpResponse:
    """Show questions by theme and guides, or the found ones."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:TYPED_MAX]
    user: Any = request.user
    questions, guides = Question.objects.shown_to(user), Guide.objects.shown_to(user)
    context: dict[str, Any] = {"typed": typed, "section": "aide"}
    if typed:
        context["questions"] = questions.telling_of(typed)
        context["guides"] = guides.telling_of(typed)
        return render(request, "support/help/found.html", context)
    # The staff have their own help, and read the partners' beside it.
    is_own = user.is_staff and request.GET.get("pour") != "partenaires"
    context["themes"] = by_theme(list(questions.filter(is_for_staff=is_own)))
    context["guides"] = guides.filter(is_for_staff=is_own)
    context["is_own"] = is_own
    return render(request, "support/help/home.html", context)


@any_account
@require_safe
def help_question(request: MemberRequest, slug: str) -> HttpResponse:
    seen = Question.objects.shown_to(request.user)
    question = get_object_or_404(seen, slug=slug)
    others = seen.filter(theme=question.theme, is_for_staff=question.is_for_staff)
    others = others.exclude(pk=question.pk)
    context = {"text": question, "others": others, "section": "aide"}
    return render(request, "support/help/question.html", context)


@any_account
@require_safe
def help_guide(request: MemberRequest, slug: str) -> HttpResponse:
    seen = Guide.objects.shown_to(request.user)
    guide = seen.filter(slug=slug).first()
    if guide is None:
        if request.user.is_staff:  # Each admin page leads here, whatever is loaded.
            return redirect("help")
        raise Http404
    others = seen.filter(is_for_staff=guide.is_for_staff)
    context = {"text": guide, "others": others, "section": "aide"}
    return render(request, "support/help/guide.html", context)


@login_not_required
@require_safe
def help_browsers(request: HttpRequest) -> HttpResponse:
    """Show the browsers, also before signing in."""
    browsers = CertifiedBrowser.objects.filter(is_certified=True)
    context = {"browsers": browsers, "section": "aide"}
    return render(request, "support/help/browsers.html", context)


def by_theme(questions: list[Question]) -> list[tuple[Theme, list[Question]]]:
    order = list(Theme)
    questions.sort(key=lambda question: order.index(Theme(question.theme)))
    groups = groupby(questions, key=lambda question: Theme(question.theme))
    return [(theme, list(group)) for theme, group in groups]
