import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from accounts.agreements.documents import (
    agreement_file,
    annexes_on,
    pdf_of,
    signed_copy_file,
)
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.articles import AgreementDocument, SignedCopy
from accounts.agreements.models.letters import Letter, LetterKind
from accounts.security.models import Alert
from accounts.signin import factors
from accounts.signin.access import MemberRequest, refuse, rgc_button, rgc_form, rgc_only
from accounts.signin.factors import seen_from
from accounts.signin.models import FactorReset
from accounts.team import actions, forms, quarterly_reviews
from accounts.team.account_import import ACCOUNTS, HEADERS, AccountListForm
from accounts.team.forms import LeaveForm, TeamReviewForm
from accounts.users import account_texts, refusals
from accounts.users.account_texts import why_only_france_travail
from accounts.users.enums import Role, UserState
from accounts.users.models import AccountStep, Leave, User
from opus.lib.background_files import FileState
from opus.lib.french import of
from opus.lib.web import paginate

NOT_AN_ADVISER = (
    "Le compte d’un RGC relève de France Travail (art. 4.1 à 4.3) : un RGC ne peut "
    "agir ni sur le sien, ni sur celui d’un autre RGC. Adressez-vous au correspondant "
    "France Travail de votre structure."
)

# The page warns when the convention ends within this time.
SOON = dt.timedelta(days=90)


# The label of an order, and what it sorts by; by name is the database's.
ORDERS: dict[str, tuple[str, Callable[[User], Any]]] = {
    "nom": ("Nom", lambda person: 0),
    "etat": ("État", lambda person: UserState.values.index(person.state)),
    "connexion": (
        "Dernière connexion",
        lambda person: person.last_login.timestamp() if person.last_login else 0,
    ),
    "absence": ("Absence", lambda person: person.days_unused),
}


@require_safe
@rgc_only
def accounts(request: MemberRequest) -> HttpResponse:
    leaves = Leave.objects.standing().filter(ends_on__gte=timezone.localdate())
    people = list(
        User.objects.administered_by(request.user)
        .with_factor()
        .with_open_access()
        .prefetch_related(Prefetch("leaves", leaves))
    )
    wanted = request.GET.get("tri", "nom")
    order = wanted.removeprefix("-")
    order = order if order in ORDERS else "nom"
    is_descending = wanted == f"-{order}"
    open_ones = [person for person in people if person.state != UserState.CLOSED]
    open_ones.sort(key=ORDERS[order][1])
    if is_descending:
        open_ones.reverse()
    unused = [one for one in open_ones if one.is_active and one.days_unused > 1]
    context = {
        **seats(request, used=sum(person.is_active for person in people)),
        "people": open_ones,
        "meeting_is_due": request.structure.conventions.without_review().exists(),
        "months": settings.MEETING_EVERY_MONTHS,
        "former_rgcs": User.objects.former_rgcs(request.user.structure_id),
        "closed": [person for person in people if person.state == UserState.CLOSED],
        "orders": [(key, label) for key, (label, _) in ORDERS.items()],
        "order": order,
        "is_descending": is_descending,
        "direction": "descending" if is_descending else "ascending",
        "idle": sorted(unused, key=lambda person: person.used_on)[:3],
        "question": quarterly_reviews.question(request.convention),
        "own_end": request.user.nominations.leaving()
        .filter(convention=request.convention)
        .first(),
        "alerts_open": Alert.objects.for_rgc(request.user).unsettled().count(),
    }
    return render(request, "accounts/team/accounts.html", context)


@require_safe
@rgc_only
def accounts_history(request: MemberRequest) -> HttpResponse:
    steps = (
        AccountStep.objects.filter(
            account__in=User.objects.administered_by(request.user)
        )
        .select_related("account", "by")
        .order_by("-at", "-pk")
    )
    context = {"page": paginate(request, steps)}
    return render(request, "accounts/team/accounts_history.html", context)


@rgc_form
@sensitive_variables("secret")
def account_add(request: MemberRequest) -> HttpResponse:
    form = forms.AccountForm(request.POST or None, by=request.user)
    status = 200
    if form.is_valid():
        try:
            account, secret = form.save()
        except refusals.EmailTaken as error:
            form.add_error("email", str(error))
        except refusals.QuotaReached as error:
            form.add_error(None, str(error))
            status = 409
        else:
            return slip(request, account, secret)
    context = {**seats(request), "form": form}
    return render(request, "accounts/team/account_add.html", context, status=status)


@require_safe
@rgc_only
def account(request: MemberRequest, public_id: UUID) -> HttpResponse:
    if public_id == request.user.public_id:
        return redirect("profile")
    person = get_person(request, public_id)
    prefetch_related_objects([person], "leaves")
    context = {
        **seats(request),
        "person": person,
        "factor_reset": person.factor_resets.open().first(),
        "suspension": account_texts.suspension(person, reader=request.user),
        "suspension_ahead": account_texts.suspension_ahead(person),
        "reserved": why_only_france_travail(person),
    }
    return render(request, "accounts/team/account.html", context)


@rgc_form
def account_edit(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Correct an account; every recent address is notified (S11)."""
    person = get_person(request, public_id)
    form = forms.AccountChangeForm(
        request.POST or None, instance=person, by=request.user
    )
    try:
        with transaction.atomic():
            is_saved = form.is_valid()
            if is_saved:
                form.save(**seen_from(request))
    except refusals.EmailTaken as error:
        form.add_error("email", str(error))
        is_saved = False
    if is_saved:
        messages.success(request, f"Le compte {of(person)} est à jour.")
        return redirect("account", public_id)
    context = {"person": person, "form": form}
    return render(request, "accounts/team/account_edit.html", context)


@rgc_form
def account_suspend(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Suspend an account, after a reason and confirmation (A6)."""
    person = get_person(request, public_id)
    form = forms.SuspendForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.suspend_account(person, by=request.user, reason=reason)
        messages.success(
            request, f"Le compte {of(person)} est suspendu. Sa place est libre."
        )
        return redirect("account", public_id)
    context = {"person": person, "form": form}
    return render(request, "accounts/team/account_suspend.html", context)


@rgc_button
def account_reactivate(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    actions.reactivate_account(person, by=request.user)
    messages.success(request, f"Le compte {of(person)} est réactivé.")
    return redirect("account", public_id)


@rgc_form
@sensitive_variables("secret")
def account_first_access(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = forms.IdentityForm(request.POST or None)
    if form.is_valid():
        secret = actions.renew_first_access(
            person, by=request.user, **form.cleaned_data
        )
        return slip(request, person, secret)
    context = {"person": person, "form": form}
    return render(request, "accounts/team/account_first_access.html", context)


@rgc_form
@sensitive_variables("rows", "slips", "context")
def account_import(request: MemberRequest) -> HttpResponse:
    """Show slips once; the same file again opens nothing."""
    form = AccountListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        rows = form.save(by=request.user)
        slips = [row for row in rows if row.account]
        context = {
            **seats(request),
            "rows": rows,
            "slips": slips,
            "refused": len(rows) - len(slips),
        }
        return render(request, "accounts/team/account_imported.html", context)
    context = {**seats(request), "form": form, "titles": HEADERS}
    return render(request, "accounts/team/account_import.html", context)


@require_safe
@rgc_only
def account_import_model(request: MemberRequest) -> HttpResponse:
    return HttpResponse(
        ACCOUNTS.model(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="comptes-opus.csv"'},
    )


@rgc_form
def account_factor_reset(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = forms.LostFactorForm(request.POST or None)
    if form.is_valid():
        factors.request_reset(person, by=request.user, **form.cleaned_data)
        messages.success(
            request, f"La demande est enregistrée. Un courriel prévient {person}."
        )
        return redirect("account_factor_reset", public_id)
    context = {
        "person": person,
        "has_factor": bool(person.factors),
        "reset": person.factor_resets.open().first(),
        "refusal": factors.why_too_early(person, by=request.user),
        "form": form,
    }
    return render(request, "accounts/team/factor_recovery.html", context)


@rgc_button
@sensitive_variables("secret")
def account_factor_reset_slip(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Reset after the day's notice, and show the slip once."""
    person = get_person(request, public_id)
    secret = factors.finish(open_reset(person), by=request.user)
    return slip(request, person, secret)


@rgc_button
def account_factor_reset_stop(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    factors.stop(open_reset(person), by=request.user)
    messages.success(
        request, "La demande est annulée : rien ne change pour cette personne."
    )
    return redirect("account", public_id)


def open_reset(person: User) -> FactorReset:
    reset = person.factor_resets.open().select_related("account").first()
    if reset is None:
        raise Http404
    return reset


def get_person(request: MemberRequest, public_id: UUID) -> User:
    """Return one of the RGC's advisers, else 404 or Refused."""
    people = User.objects.of_partner(request.structure)
    people = people.with_factor().with_open_access()
    person = get_object_or_404(people, public_id=public_id)
    if person.role != Role.ADVISER:
        raise refuse(request, NOT_AN_ADVISER)
    return person


def seats(request: MemberRequest, used: int | None = None) -> dict[str, Any]:
    """Return the seats; ``used``: if the page has counted them."""
    if used is None:
        used = actions.seats_used(request.convention)
    quota = request.convention.quota
    ends_in = request.convention.ends_on - timezone.localdate()
    is_near = ends_in.days <= settings.RENEWAL_ANNOUNCED_DAYS
    following = request.convention.following if is_near else None
    return {
        "quota": quota,
        "ends_in": ends_in.days,
        "ends_soon": ends_in <= SOON and not request.convention.goes_on,
        "to_renew": request.convention.is_to_renew,
        "following": following,
        # In the last thirty days, the banner says it.
        "following_lacks_rgc": following
        and not request.convention.ends_soon
        and not following.has_rgc_on_its_first_day,
        "used": used,
        "left": max(0, quota - used),
        "full": str(refusals.QuotaReached(quota)) if used >= quota else "",
    }


def slip(request: MemberRequest, person: User, secret: str) -> HttpResponse:
    context = {
        "person": person,
        "secret": secret,
        "first_access": person.first_accesses.usable().get(),
    }
    return render(request, "accounts/team/slip.html", context)


@rgc_form
def account_leave(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = LeaveForm(request.POST or None)
    if form.is_valid():
        try:
            leave = form.save(person, by=request.user)
        except refusals.LeaveRefused as error:
            form.add_error(None, str(error))
        else:
            person.refresh_from_db()
            said = {"leave": leave, "person": person}
            done = render_to_string("accounts/team/done.html#leave", said)
            messages.success(request, done)
            return redirect("account", public_id)
    context = {
        "person": person,
        "form": form,
        "suspension_ahead": account_texts.suspension_ahead(person),
    }
    return render(request, "accounts/team/account_leave.html", context)


@rgc_button
def account_leave_cancel(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    if leave := person.leave:
        actions.cancel_leave(leave, by=request.user)
        messages.success(request, f"L’absence {of(person)} est levée.")
    return redirect("account", public_id)


@rgc_form
def team_review(request: MemberRequest) -> HttpResponse:
    """Record answers at once (``tous``), or one by one."""
    question = quarterly_reviews.question(request.convention)
    if not (question and question.is_asked):
        return render(
            request, "accounts/team/quarterly_review_none.html", {"question": question}
        )
    data = request.POST or None
    if "tous" in request.POST:
        data = TeamReviewForm.all_here(request.POST.getlist("personne"))  # type: ignore[assignment]
    form = TeamReviewForm(data, people=question.people)
    if form.is_valid():
        gone = form.save(request.convention, by=request.user)
        said = {"gone": len(gone)}
        done = render_to_string("accounts/team/done.html#review", said)
        messages.success(request, done)
        return redirect("accounts")
    context = {"form": form, "question": question}
    return render(request, "accounts/team/quarterly_review.html", context)


@require_safe
@rgc_only
def agreement(request: MemberRequest) -> HttpResponse:
    convention = request.convention
    documents = AgreementDocument.objects.filter(convention=convention, is_final=True)
    copies = SignedCopy.objects.filter(convention=convention).exclude(content=b"")
    amendments = Amendment.objects.confirmed().filter(convention=convention)
    letters = amendment_letters(request).defer("html", "content").order_by("rank")
    by_amendment = {letter.amendment_id: letter for letter in letters}
    context = {
        "convention": convention,
        "document": documents.defer("html", "content").first(),
        "signed_copy": copies.defer("content").first(),
        "annexes": annexes_on(convention, timezone.localdate()),
        "amendments": [
            (amendment, by_amendment.get(amendment.pk))
            for amendment in amendments.select_related("convention")
        ],
    }
    return render(request, "accounts/team/agreement.html", context)


@require_safe
@rgc_only
def agreement_document(request: MemberRequest) -> HttpResponse:
    return agreement_file(request.convention, is_final=True)


@require_safe
@rgc_only
def agreement_signed_copy(request: MemberRequest) -> HttpResponse:
    return signed_copy_file(request.convention)


@require_safe
@rgc_only
def amendment_letter(request: MemberRequest, pk: UUID) -> HttpResponse:
    letter = get_object_or_404(
        amendment_letters(request).select_related("convention"), pk=pk
    )
    return pdf_of(letter, f"{letter.number.replace('/', '-')}.pdf")


def amendment_letters(request: MemberRequest) -> QuerySet[Letter]:
    """Filter the letters of its amendments that are ready to read."""
    of_convention = Letter.objects.filter(convention=request.convention)
    return of_convention.filter(kind=LetterKind.AMENDMENT, state=FileState.READY)
