from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.signin.access import MemberRequest, destination, partner_only
from opus.lib.forms.base import as_uuid
from referrals.documents.models import Document
from referrals.todo.actions import hand_over_pile


@require_POST
@partner_only
def hand_over_documents(request: MemberRequest) -> HttpResponse:
    """Record that the documents of the form were handed over.

    Only those that the page showed: one made since is not marked unseen.
    """
    acts = set(filter(None, map(as_uuid, request.POST.getlist("acte"))))
    try:
        done, left = hand_over_pile(acts, by=request.user)
    except Document.DoesNotExist as error:
        raise Http404 from error
    for act, reason in left:
        messages.warning(request, f"{act.number} n’est pas marqué remis. {reason}")
    numbers = ", ".join(act.number for act in done)
    if done:
        what = f"{len(done)} documents marqués remis"
        if len(done) == 1:
            what = "Document marqué remis"
        sentence = f"{what} en main propre aujourd’hui\u00a0: {numbers}."
        messages.success(request, sentence)
    elif not left:
        messages.info(request, "Ces documents étaient déjà marqués remis.")
    return redirect(destination(request, "home"))
