"""``/recherches/`` and ``/veilles/``: saved searches, for oneself and persons."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.enums import Service
from accounts.signin.access import MemberRequest, destination, requires
from offers.search.criteria import Criteria, Labels
from opus.lib.forms.base import as_uuid
from referrals.candidates.models import Candidate
from referrals.candidates.views import answer_look_up, choose, is_choosing
from referrals.saved_searches import actions, emails
from referrals.saved_searches.forms import SearchForm
from referrals.saved_searches.matching import count_new, propose_name, put_in_words
from referrals.saved_searches.models import MOST_SEARCHES, SavedSearch, has_no_criteria

CONSULT = Service.CONSULTATION
PAGES = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(CONSULT)
def saved_searches(request: MemberRequest) -> HttpResponse:
    searches = put_in_words(SavedSearch.objects.own(request.user))
    count_new(searches)
    context = {"searches": searches, "most": MOST_SEARCHES, "section": "offres"}
    return render(request, "referrals/saved_searches/list.html", context)


@PAGES
@requires(CONSULT)
def saved_search_add(request: MemberRequest) -> HttpResponse:
    typed = Criteria.from_query(request.GET).with_page(1)
    dictionary = Labels([typed])
    criteria = dictionary.understood(typed)
    if has_no_criteria(criteria):
        messages.warning(
            request,
            "Choisissez d’abord au moins un critère : une recherche enregistrée n’est "
            "pas la liste de toutes les offres.",
        )
        return redirect("offers")
    initial = {"name": propose_name(criteria)}
    form = SearchForm(request.POST or None, by=request.user, initial=initial)
    status = 200
    if form.is_valid():
        try:
            search = form.create(criteria)
        except actions.NameTaken as error:
            form.add_error("name", str(error))
        except actions.SearchRefused as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, actions.SearchesFull) else 200
        else:
            messages.success(request, f"La recherche « {search} » est enregistrée.")
            return redirect("saved_searches")
    mine = SavedSearch.objects.own(request.user)
    context = {
        "form": form,
        "criteria": criteria,
        "parts": dictionary.parts(criteria),
        "unread": dictionary.unread(typed),
        "same": mine.filter(query=actions.query_of(criteria)).first(),
        "is_full": mine.count() >= MOST_SEARCHES,
        "most": MOST_SEARCHES,
        "section": "offres",
    }
    return render(request, "referrals/saved_searches/add.html", context, status=status)


@PAGES
@requires(CONSULT)
def saved_search_for(request: MemberRequest) -> HttpResponse:
    """Choose the person of a search; posted, not in URLs."""
    criteria = Criteria.from_query(request.GET)
    refused = ""
    if "personne" in request.POST and not is_choosing(request):
        people = Candidate.objects.visible_to(request.user)
        pk = as_uuid(request.POST["personne"])
        candidate = get_object_or_404(people, pk=pk)
        try:
            actions.save_search_for(candidate, criteria, by=request.user)
        except actions.SearchRefused as error:
            refused = str(error)
        else:
            messages.success(
                request,
                "La recherche est enregistrée : ses nouvelles offres s’affichent sur "
                "la fiche du candidat, et un courriel les signale le matin.",
            )
            offers = reverse("candidate_offers", args=[candidate.pk])
            return redirect(destination(request, offers))
    choice = choose(request)
    context = {
        "criteria": criteria,
        "has_no_criteria": has_no_criteria(criteria),
        "parts": Labels([criteria]).parts(criteria),
        "refused": refused,
        "choice": choice,
        "section": "offres",
    }
    return answer_look_up(
        render(request, "referrals/saved_searches/for_person.html", context),
        choice.look_up,
    )


@require_safe
@requires(CONSULT)
def saved_search(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Mark as seen, and redirect to the results."""
    search = get_search(request, pk)
    if search.candidate_id:
        return redirect("candidate_offers", search.candidate_id)
    if has_no_criteria(Labels([search.criteria]).understood(search.criteria)):
        messages.warning(
            request,
            f"Opus ne comprend plus aucun critère de la recherche «\xa0{search}\xa0»"
            "\xa0: supprimez-la, et enregistrez-en une autre.",
        )
        return redirect("saved_searches")
    count_new([search])
    if request.method == "GET":
        actions.mark_opened(search=search.pk)
    return redirect(search.results_url)


@PAGES
@requires(CONSULT)
def saved_search_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    search = get_search(request, pk)
    name = search.name
    form = SearchForm(request.POST or None, by=request.user, search=search)
    try:
        with transaction.atomic():
            is_saved = form.is_valid()
            if is_saved:
                form.change(search)
    except actions.NameTaken as error:
        form.add_error("name", str(error))
        is_saved = False
    if is_saved:
        messages.success(request, f"La recherche « {search} » est modifiée.")
        return redirect(list_of(search))
    context = {
        "form": form,
        "search": search,
        "name": name,
        "list_url": list_of(search),
        "section": "candidats" if search.candidate_id else "offres",
    }
    return render(request, "referrals/saved_searches/edit.html", context)


@PAGES
@requires(CONSULT)
def saved_search_delete(request: MemberRequest, pk: UUID) -> HttpResponse:
    search = get_search(request, pk)
    if request.method == "POST":
        actions.delete_search(search, by=request.user)
        messages.success(request, f"La recherche « {search.name} » est supprimée.")
        return redirect(list_of(search))
    context = {
        "search": search,
        "list_url": list_of(search),
        "section": "candidats" if search.candidate_id else "offres",
    }
    return render(request, "referrals/saved_searches/delete.html", context)


@require_POST
@requires(CONSULT)
def alerts_stop(request: MemberRequest) -> HttpResponse:
    """Stop all e-mails of one's own searches; from *Mon compte*."""
    everything = SavedSearch.objects.visible_to(request.user)
    stopped = actions.stop_emails(everything, by=request.user)
    messages.success(
        request,
        "Vous ne recevrez plus de courriels de nouvelles offres."
        if stopped
        else "Aucune recherche ne vous envoyait de courriel.",
    )
    return redirect(reverse("profile") + "#titre-alertes")


# The signature is the permission: mailboxes post without a session (RFC 8058).
@csrf_exempt
@login_not_required
@PAGES
def saved_search_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop e-mails from an e-mail's link, on POST.

    The page names neither the searches nor the reader.
    """
    link = emails.read(token)
    if link is None:
        template = "referrals/saved_searches/stop_over.html"
        return render(request, template, status=410)
    reader, searches = link
    if request.method == "POST":
        actions.stop_emails(searches, by=reader)
    context = {"is_on": searches.emailed_to(reader).exists()}
    return render(request, "referrals/saved_searches/stop.html", context)


def get_search(request: MemberRequest, pk: UUID) -> SavedSearch:
    """Return a visible search in words, else 404 (S20, S24)."""
    rows = SavedSearch.objects.visible_to(request.user)
    [search] = put_in_words([get_object_or_404(rows, pk=pk)])
    return search


def list_of(search: SavedSearch) -> str:
    if search.candidate_id:
        return reverse("candidate_offers", args=[search.candidate_id])
    return reverse("saved_searches")
