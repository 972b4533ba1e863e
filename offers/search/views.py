from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Service
from accounts.security import personal_data_quotas
from accounts.signin import rate_limits
from accounts.signin.access import MemberRequest, requires, step_up
from offers.catalogue.models import Offer
from offers.reference.models import Appellation
from offers.reference.places import SUGGESTIONS, Place, french_gazetteer, suggest
from offers.reference.trades import matching_sectors, matching_skills
from offers.search import exports, page
from offers.search.criteria import UNPRINTABLE, Criteria, Labels, WordsRule
from offers.search.forms import ExportForm, SentForm, is_form, read_criteria
from offers.search.map import SearchMap
from offers.search.reading import as_typed, finds, suggest_jobs, understand
from offers.search.results import Search, find_by_number, note_miss, number_in
from opus.lib.documents.spreadsheets import Format
from opus.lib.exports import MOST_ROWS

RADIUS_KM = 20
# In the session, while the user searches everywhere.
EVERYWHERE = "searches_everywhere"


def home_of(request: MemberRequest) -> Place | None:
    return french_gazetteer().commune(request.structure.commune_code)


def remember(request: MemberRequest, criteria: Criteria) -> None:
    """Remember that a form's place was emptied, or is the structure's again."""
    home = home_of(request)
    if request.GET.get("lieu") and not criteria.places:
        request.session[EVERYWHERE] = True
    elif home and home.code in criteria.places:
        request.session.pop(EVERYWHERE, None)


@require_safe
@requires(Service.CONSULTATION)
def offers(request: MemberRequest) -> HttpResponse:
    home = home_of(request)
    if not request.GET and home and home.point and not request.session.get(EVERYWHERE):
        # Around the structure by default.
        place = urlencode({"lieu": home.code, "rayon": RADIUS_KM})
        return redirect(f"{reverse('offers')}?{place}")
    is_emptied = request.GET.get("lieu") == "" and not is_form(request.GET)
    if is_emptied and "HX-Request" not in request.headers:
        request.session[EVERYWHERE] = True
    return search(request)


def search(
    request: MemberRequest,
    *,
    own_path: str = "",
    template: str = "offers/search/search.html",
    **context: Any,
) -> HttpResponse:
    """Return the results of a search, or redirect to its address.

    ``own_path``: of another page than that of all offers; ``context``: for its
    ``template``.
    """
    if is_form(request.GET):
        return settle(request, own_path, template, context)
    criteria = replace(read_criteria(request.GET), own_path=own_path)
    if criteria.typed and criteria.rule == WordsRule.EXACT:
        # « Chercher ces mots tels quels »: without what was read in them.
        department = department_of(request)
        typed_url = as_typed(criteria, department=department).url
        return redirect(page.with_ticks(typed_url, page.carried(request.GET)))
    rate_limits.count_search(request.user)
    number = criteria.page
    is_typed = not criteria.rule
    criteria = understand(criteria, department=department_of(request))
    screen = page.SearchScreen(Search(criteria.with_page(number)))
    if is_typed and not screen.count:
        note_miss(criteria, by=request.user)
    context |= {"screen": screen, "page": screen.page, "section": "offres"}
    response = render(request, template, context)
    headers = request.headers
    if "HX-Request" in headers and "HX-History-Restore-Request" not in headers:
        # The address bar gets the search's own address, without the empty boxes.
        ticks = page.carried(request.GET)
        response["HX-Push-Url"] = page.with_ticks(screen.criteria.url, ticks)
    return response


def settle(
    request: MemberRequest, own_path: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    """Redirect to the results' address, or show a question."""
    sent = SentForm(request.GET, own_path)
    if sent.is_settled:
        if not own_path:
            remember(request, sent.criteria)
        hit = find_by_number(sent.criteria.words)
        department = department_of(request)
        if hit:
            return redirect(page.WayBack(own_path).added_to(hit.get_absolute_url()))
        found = understand(sent.criteria, department=department)
        if not finds(found):
            note_miss(found, by=request.user)
        return redirect(page.with_ticks(found.url, page.carried(request.GET)))
    context |= {
        "screen": page.DoubtScreen(sent),
        "has_errors": bool(sent.errors),
        "section": "offres",
    }
    return render(request, template, context)


@require_safe
@requires(Service.CONSULTATION)
def offers_map(request: MemberRequest) -> HttpResponse:
    """Return where the offers of a search are: a page, or its part."""
    rate_limits.count_search(request.user)
    criteria = read_criteria(request.GET)
    criteria = understand(criteria, department=department_of(request))
    drawn = SearchMap(Search(criteria))
    is_part = "HX-Request" in request.headers
    template = "parts/map.html" if is_part else "map.html"
    context = {
        "map": drawn,
        "criteria": criteria,
        "parts": [] if is_part else Labels([criteria]).parts(criteria),
        "section": "offres",
    }
    return render(request, f"offers/search/{template}", context)


@require_safe
@requires(Service.CONSULTATION)
def search_filters(request: MemberRequest) -> HttpResponse:
    """Show the choices of one filter with their counts, or of all."""
    rate_limits.count_search(request.user)
    criteria = read_criteria(request.GET)
    criteria = understand(criteria, department=department_of(request))
    wanted = request.GET.get("filtre", "")
    search = Search(criteria)
    groups = page.counted_filters(criteria, names={wanted})
    if groups:
        context = {"group": page.count_choices(search, groups)[0], "is_folded": True}
        return render(request, "offers/search/parts/group.html", context)
    context = {
        "screen": page.SearchScreen(search),
        "counted": page.count_choices(search, page.counted_filters(criteria)),
        "section": "offres",
    }
    return render(request, "offers/search/filters.html", context)


def department_of(request: MemberRequest) -> str:
    code = request.structure.commune_code
    return code[:3] if code.startswith(("97", "98")) else code[:2]


@require_safe
@requires(Service.CONSULTATION)
def proposals(request: MemberRequest, box: str) -> JsonResponse:
    """Return what a combobox proposes: the parts that it shows, the text it writes."""
    text = typed(request, box)
    if box == "ou":
        areas = suggest(text, home_of(request))
        found = [(area.code, area.label, area.detail, area.label) for area in areas]
    elif box == "q":
        found = [
            (job.code, job.label, "appellation", str(job))
            if isinstance(job, Appellation)
            else (job.code, str(job), "métier", str(job))
            for job in suggest_jobs(text)
        ]
    else:
        matching: Any = {"savoir": matching_skills, "activite": matching_sectors}[box]
        some = matching(text)[:SUGGESTIONS]
        found = [(str(one.code), one.label, "", one.label) for one in some]
    names = ("code", "label", "detail", "text")
    choices = [dict(zip(names, texts, strict=True)) for texts in found]
    return JsonResponse({"choices": choices})


def typed(request: MemberRequest, name: str) -> str:
    return UNPRINTABLE.sub(" ", request.GET.get(name, ""))


@require_safe
@requires(Service.CONSULTATION)
def offer_number(request: MemberRequest) -> HttpResponse:
    number = number_in(typed(request, "numero"))
    offer = Offer.objects.filter(pk__in={number, number.upper()}).first()
    if offer:
        return redirect(offer)
    context = {"number": number[:20], "section": "offres"}
    return render(request, "offers/search/unknown_number.html", context, status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@step_up
def search_export(request: MemberRequest) -> HttpResponse:
    criteria = Criteria.from_query(request.GET).with_page(1)
    form = ExportForm(request.POST or None)
    if form.is_valid():
        file_format = Format(form.cleaned_data["file_format"])
        exports.request_export(criteria, by=request.user, file_format=file_format)
        return redirect("exports")
    context = {
        "form": form,
        "criteria": criteria,
        "parts": Labels([criteria]).parts(criteria),
        "most_rows": MOST_ROWS,
        "left": personal_data_quotas.exports_left(request.user),
        "most": personal_data_quotas.most_exports(),
        "section": "offres",
    }
    return render(request, "offers/search/export.html", context)
