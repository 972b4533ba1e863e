"""Absences and the quarterly question, for the RGC (art. 4.2)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.signin.access import rgc_only, step_up
from accounts.signin.http import MemberRequest
from accounts.team import actions, quarterly_reviews
from accounts.team.forms import LeaveForm, TeamReviewForm
from accounts.team.views.accounts import get_person
from accounts.users import account_texts, refusals
from accounts.users.models.absences import Leave
from accounts.users.models.users import User
from opus.lib.dates import date_format
from opus.lib.french import of


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_leave(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = LeaveForm(request.POST or None)
    if form.is_valid():
        try:
            leave = form.save(person, by=request.user)
        except refusals.LeaveRefused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, what_follows(leave, person))
            return redirect("account", public_id)
    context = {
        "person": person,
        "form": form,
        "suspension_ahead": account_texts.suspension_ahead(person),
    }
    return render(request, "accounts/team/account_leave.html", context)


@require_POST
@rgc_only
@step_up
def account_leave_cancel(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    if leave := person.leave:
        actions.cancel_leave(leave, by=request.user)
        messages.success(request, f"L’absence {of(person)} est levée.")
    return redirect("account", public_id)


def what_follows(leave: Leave, person: User) -> str:
    person.refresh_from_db()
    if leave.is_long and not person.is_active:
        return (
            f"L’absence {of(person)} dure plus de trois mois : son compte est suspendu "
            "et sa place est libre. À son retour, réactivez le compte."
        )
    first_day = date_format(leave.starts_on)
    if leave.is_long:
        earlier = person.suspended_from
        unless = (
            f" Sans connexion d’ici là, il le sera dès le {date_format(earlier)}."
            if earlier < leave.starts_on
            else ""
        )
        return (
            f"L’absence {of(person)} durera plus de trois mois : son compte sera "
            f"suspendu le {first_day} et sa place sera libre.{unless}"
        )
    if not leave.leaves_time:
        return (
            f"L’absence {of(person)} est annoncée. Attention : sans connexion d’ici "
            f"là, son compte sera suspendu le {date_format(person.suspended_from)}, "
            "après 90 jours sans usage. Opus l’en avertit sans attendre son retour."
        )
    return (
        f"L’absence {of(person)} est annoncée : Opus ne lui enverra pas "
        "d’avertissement avant son retour."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
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
        messages.success(request, thanks(len(gone)))
        return redirect("accounts")
    context = {"form": form, "question": question}
    return render(request, "accounts/team/quarterly_review.html", context)


def thanks(gone: int) -> str:
    match gone:
        case 0:
            follows = ""
        case 1:
            follows = (
                " Le compte de la personne partie est suspendu : confiez ses suivis à "
                "quelqu’un, puis fermez-le."
            )
        case _:
            follows = (
                f" Les comptes des {gone} personnes parties sont suspendus : confiez "
                "leurs suivis à quelqu’un, puis fermez-les."
            )
    return f"Merci : votre réponse est enregistrée.{follows}"
