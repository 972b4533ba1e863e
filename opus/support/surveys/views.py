"""The satisfaction survey: answered or declined (art. 6, U18)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.signin.access import MemberRequest, partner_only
from opus.support.surveys.forms import SurveyForm
from opus.support.surveys.models import Survey


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def survey(request: MemberRequest) -> HttpResponse:
    awaiting = Survey.objects.awaiting(request.user).first()
    if awaiting is None:
        return render(request, "support/surveys/survey_none.html")
    form = SurveyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save(awaiting, by=request.user)
        done = "Merci : votre réponse est enregistrée, sans votre nom."
        messages.success(request, done)
        return redirect("home")
    context = {"survey": awaiting, "form": form}
    return render(request, "support/surveys/survey.html", context)


@require_POST
@partner_only
def set_aside(request: MemberRequest) -> HttpResponse:
    if awaiting := Survey.objects.awaiting(request.user).first():
        awaiting.set_aside(by=request.user)
        messages.success(request, "L’enquête ne vous sera plus proposée.")
    return redirect("home")
