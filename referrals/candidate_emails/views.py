"""E-mails to a person: consent, documents, the link she opens."""

import functools
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.signin import rate_limits
from accounts.signin.access import MemberRequest, View, partner_only
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from referrals.candidate_emails import actions
from referrals.candidate_emails.forms import ConsentForm
from referrals.candidate_emails.models import DocumentMail, MailConsent
from referrals.candidates import access_log
from referrals.candidates.views import get_candidate
from referrals.documents.actions import current_document
from referrals.documents.views import get_document, pdf_file


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
def candidate_mails(request: MemberRequest, pk: UUID) -> HttpResponse:
    candidate = get_candidate(request, pk)
    form = ConsentForm(request.POST or None, candidate=candidate)
    if form.is_valid():
        form.save(by=request.user)
        messages.success(request, "L’accord du candidat est enregistré.")
        return redirect("candidate_mails", candidate.pk)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    consents = candidate.mail_consents.select_related("recorded_by", "withdrawn_by")
    sent = DocumentMail.objects.filter(consent__candidate=candidate)
    context = {
        "candidate": candidate,
        "consent": consents.live().first(),
        "past": consents.filter(withdrawn_at__isnull=False),
        "mails": sent.for_page(),
        "form": form,
        "link_days": settings.DOCUMENT_LINK_LASTS.days,
        "section": "candidats",
    }
    return render(request, "referrals/candidate_emails/candidate_emails.html", context)


@require_POST
@partner_only
def candidate_mails_stop(request: MemberRequest, pk: UUID) -> HttpResponse:
    candidate = get_candidate(request, pk)
    actions.withdraw_consent(candidate, by=request.user)
    messages.success(
        request, "L’accord est retiré\u00a0: Opus n’écrit plus à ce candidat."
    )
    return redirect("candidate_mails", candidate.pk)


@require_POST
@partner_only
def document_mail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send it once more: the first time is a hand-over."""
    document = get_document(request, pk)
    actions.mail_document(document, by=request.user)
    messages.success(request, "Le courriel va partir.")
    return redirect(document.act)


def unlisted(view: View) -> View:
    """Keep the page out of search engines."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return wrapped


# The secret in the link is the permission: no page of another site can know it.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def mailed_document(request: HttpRequest, token: str) -> HttpResponse:
    """Show one document from an e-mail's link, on POST.

    A GET shows nothing: scanners of mailboxes open links.
    """
    rate_limits.count_use(
        rate_limits.Use.DOCUMENT_LINK,
        account=rate_limits.network_of(journal.client_address(request)),
        window=rate_limits.ADDRESS_WINDOW,
        limit=settings.DOCUMENT_LINKS_TRIED,
    )
    mail = DocumentMail.objects.of_token(token)
    if mail is None:
        page = "referrals/candidate_emails/link_expired.html"
        return render(request, page, status=410)
    document = mail.document
    if request.method != "POST" and not document.is_void:
        page = "referrals/candidate_emails/link.html"
        return render(request, page, {"mail": mail})
    actions.record(
        Action.DOCUMENT_READ, document, by=None, details={"mail": str(mail.pk)}
    )
    version = current_document(document)
    wants_pdf = request.POST.get("forme") == "pdf"
    if wants_pdf and version.is_ready:
        return pdf_file(version, f"{document.number}.pdf", "attachment")
    context = {
        "mail": mail,
        "document": document,
        "sheet": version,
        "wants_pdf": wants_pdf,
    }
    return render(request, "referrals/candidate_emails/document.html", context)


# Mailboxes post without a session or a cookie (RFC 8058).
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
def person_mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Withdraw the consent from an e-mail's link, on POST."""
    consent = MailConsent.objects.of_token(token)
    if consent is None:
        page = "referrals/candidate_emails/unsubscribe_expired.html"
        return render(request, page, status=410)
    if request.method == "POST":
        actions.withdraw_consent(consent.candidate, by=None, only=consent)
    # A link ends the consent of its own e-mail, not one given since.
    live = consent.candidate.mail_consent
    context = {"is_on": live == consent, "newer": live if live != consent else None}
    return render(request, "referrals/candidate_emails/unsubscribe.html", context)
