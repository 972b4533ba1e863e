"""Watching for a person: begun from a search, told each morning, let go (3.9)."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import requires
from accounts.http import MemberRequest
from accounts.models import Service
from offers.criteria import Criteria
from offers.saved.words import Dictionary
from referrals import stopping
from referrals.actions import watches as actions
from referrals.models import Candidate, Watch
from referrals.views.people import answer_look_up, choose


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
def watch_begin(request: MemberRequest) -> HttpResponse:
    """For whom? The search stands in the address; the person is posted."""
    criteria = Criteria.from_query(request.GET)
    refused = ""
    if "personne" in request.POST:
        candidate = get_person(request, request.POST["personne"])
        try:
            actions.begin(criteria, candidate, by=request.user)
        except actions.WatchRefused as error:
            refused = str(error)
        else:
            messages.success(
                request,
                "La veille est en place : les nouvelles offres s’affichent ici, et un "
                "courriel les signale le matin.",
            )
            return redirect("candidate_offers", candidate.pk)
    dictionary = Dictionary([criteria])
    choice = choose(request)
    context = {
        "criteria": criteria,
        "asks_nothing": actions.asks_nothing(criteria),
        "parts": dictionary.parts(criteria),
        "refused": refused,
        "choice": choice,
        "section": "offres",
    }
    return answer_look_up(
        render(request, "referrals/watch_begin.html", context), choice.look_up
    )


@require_POST
@requires(Service.CONSULTATION)
def watch_end(request: MemberRequest) -> HttpResponse:
    """Watch no more; what was kept and done stays."""
    watch = get_watch(request)
    actions.let_go(watch, by=request.user)
    messages.success(request, "La veille est retirée.")
    return redirect("candidate_offers", watch.candidate_id)


@require_POST
@requires(Service.CONSULTATION)
def watch_mail(request: MemberRequest) -> HttpResponse:
    """With or without the morning's letter."""
    watch = get_watch(request)
    is_on = request.POST.get("courriel") == "oui"
    actions.tell_by_mail(watch, is_on, by=request.user)
    messages.success(
        request,
        "Un courriel signalera ses nouvelles offres chaque matin."
        if is_on
        else "Cette veille n’envoie plus de courriel.",
    )
    return redirect("candidate_offers", watch.candidate_id)


# The signed link is the leave: mailboxes post without a session or a cookie (RFC 8058).
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def watch_mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the morning's letters, from a letter, without signing in.

    A GET changes nothing: scanners of mailboxes open links. The page names nobody.
    """
    adviser = stopping.adviser_of(token)
    if adviser is None:
        return render(request, "referrals/watch_mail_over.html", status=410)
    if request.method == "POST":
        actions.stop_mail_of(adviser)
    is_on = Watch.objects.of_caseload(adviser).filter(by_mail=True).exists()
    return render(request, "referrals/watch_mail_stop.html", {"is_on": is_on})


def get_watch(request: MemberRequest) -> Watch:
    """A watch for one's own candidate; any other does not exist (S20)."""
    mine = Watch.objects.visible_to(request.user)
    return get_object_or_404(mine, pk=number_in(request.POST.get("veille", "")))


def get_person(request: MemberRequest, typed: str) -> Candidate:
    mine = Candidate.objects.visible_to(request.user)
    return get_object_or_404(mine, pk=number_in(typed))


def number_in(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise Http404 from error
