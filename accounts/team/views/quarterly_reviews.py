"""The RGC's answer to the quarterly question (art. 4.2, S26)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.signin.access import rgc_only, step_up
from accounts.signin.http import MemberRequest
from accounts.team import quarterly_reviews
from accounts.team.forms import TeamReviewForm


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def team_review(request: MemberRequest) -> HttpResponse:
    """Record answers for all at once (``tous``), or one by one."""
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
