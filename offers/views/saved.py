"""``/recherches/``: the searches that an adviser keeps. Nobody else sees them."""

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

from accounts.access import requires
from accounts.http import MemberRequest
from accounts.models import Service
from offers.criteria import Criteria
from offers.models import SavedSearch
from offers.models.searches import MOST_SEARCHES, SavedSearchQuerySet
from offers.saved import actions, stopping
from offers.saved.forms import SearchForm
from offers.saved.news import count_news
from offers.saved.words import Dictionary, propose_name, put_in_words

CONSULT = Service.CONSULTATION
PAGES = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@requires(CONSULT)
def saved_searches(request: MemberRequest) -> HttpResponse:
    """All of them, each with what came in since it was opened."""
    searches = put_in_words(mine(request))
    count_news(searches)
    context = {
        "searches": searches,
        "most": MOST_SEARCHES,
        "section": "offres",
    }
    return render(request, "offers/saved/list.html", context)


@PAGES
@requires(CONSULT)
def saved_search_add(request: MemberRequest) -> HttpResponse:
    """Keep the search whose parameters this address has."""
    asked = Criteria.from_query(request.GET).with_page(1)
    dictionary = Dictionary([asked])
    criteria = dictionary.understood(asked)
    if criteria.is_empty:
        messages.warning(
            request,
            "Choisissez d’abord au moins un critère : une recherche enregistrée n’est "
            "pas la liste de toutes les offres.",
        )
        return redirect("offers")
    form = SearchForm(request.POST or None, initial={"name": propose_name(criteria)})
    status = 200
    if form.is_valid():
        try:
            search = form.create(criteria, by=request.user)
        except actions.NameTaken as error:
            form.add_error("name", str(error))
        except actions.TooManyCriteria as error:
            form.add_error(None, str(error))
        except actions.SearchesFull as error:
            form.add_error(None, str(error))
            status = 409
        else:
            messages.success(request, f"La recherche « {search} » est enregistrée.")
            return redirect("saved_searches")
    same = mine(request).filter(query=actions.query_of(criteria)).first()
    context = {
        "form": form,
        "criteria": criteria,
        "parts": dictionary.parts(criteria),
        "unread": dictionary.unread(asked),
        "same": same,
        "is_full": mine(request).count() >= MOST_SEARCHES,
        "most": MOST_SEARCHES,
        "section": "offres",
    }
    return render(request, "offers/saved/add.html", context, status=status)


@require_safe
@requires(CONSULT)
def saved_search(request: MemberRequest, pk: UUID) -> HttpResponse:
    """On to its results: what came in until now counts as seen.

    Where something is new, the newest first, unless the search has an order of its own.
    """
    search = get_object_or_404(mine(request), pk=pk)
    [search] = put_in_words([search])
    if Dictionary([search.criteria]).understood(search.criteria).is_empty:
        messages.warning(
            request,
            f"Opus ne comprend plus aucun critère de la recherche «\xa0{search}\xa0»"
            "\xa0: supprimez-la, et enregistrez-en une autre.",
        )
        return redirect("saved_searches")
    count_news([search])
    if request.method == "GET":
        actions.mark_opened(search)
    return redirect(search.results_url)


@PAGES
@requires(CONSULT)
def saved_search_edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Another name, another pace of letters; the criteria stay."""
    search = get_object_or_404(mine(request), pk=pk)
    name = search.name
    form = SearchForm(request.POST or None, search=search)
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
        return redirect("saved_searches")
    [search] = put_in_words([search])
    context = {"form": form, "search": search, "name": name, "section": "offres"}
    return render(request, "offers/saved/edit.html", context)


@PAGES
@requires(CONSULT)
def saved_search_delete(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let it go, after a question."""
    search = get_object_or_404(mine(request), pk=pk)
    if request.method == "POST":
        search.delete()
        messages.success(request, f"La recherche « {search.name} » est supprimée.")
        return redirect("saved_searches")
    [search] = put_in_words([search])
    context = {"search": search, "section": "offres"}
    return render(request, "offers/saved/delete.html", context)


@require_POST
@requires(CONSULT)
def alerts_stop(request: MemberRequest) -> HttpResponse:
    """No more letters, of none of one's searches; from *Mon compte*."""
    stopped = actions.stop_alerts(mine(request))
    messages.success(
        request,
        "Vous ne recevrez plus de courriels d’alerte."
        if stopped
        else "Aucune de vos recherches n’envoyait de courriel.",
    )
    return redirect(reverse("profile") + "#titre-alertes")


# The signed link is the leave: mailboxes post without a session or a cookie (RFC 8058).
@csrf_exempt
@login_not_required
@PAGES
def alert_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the letters of some searches, from a letter, without signing in.

    A GET changes nothing: scanners of mailboxes open links. The page names neither the
    searches nor their owner: whoever has the link learns nothing from it.
    """
    searches = stopping.searches_of(token)
    if searches is None:
        return render(request, "offers/saved/stop_over.html", status=410)
    if request.method == "POST":
        actions.stop_alerts(searches)
    is_on = searches.with_alert().exists()
    context = {"is_on": is_on, "are_several": searches.count() > 1}
    return render(request, "offers/saved/stop.html", context)


def mine(request: MemberRequest) -> SavedSearchQuerySet:
    return SavedSearch.objects.visible_to(request.user)
