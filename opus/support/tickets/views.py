"""Contact and requests for assistance, for their author (art. 6)."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signin.access import (
    AccountRequest,
    MemberRequest,
    any_account,
    partner_only,
    show,
)
from accounts.signin.rate_limits import count_use, network_of, normalise
from accounts.users.models import User
from opus.lib.audit.journal import client_address
from opus.lib.database.states import MoveRefused
from opus.lib.web import paginate
from opus.support.tickets.forms import ContactForm, MessageForm, OpenContactForm
from opus.support.tickets.models import Ticket

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CONTACT = "support/tickets/contact.html"
TICKET = "support/tickets/ticket.html"
MORE_ACCOUNTS = "support/tickets/more_accounts.txt"
WORDS = {"delays": settings.HELPDESK, "section": "aide"}


def prepared(request: HttpRequest) -> dict[str, str]:
    """Return the subject and message to begin with; empty if none."""
    convention = getattr(request, "convention", None)
    if request.GET.get("modele") != "plus-de-comptes" or convention is None:
        return {}
    text = render_to_string(MORE_ACCOUNTS, {"convention": convention})
    subject = "Demande d’avenant\u00a0: comptes supplémentaires (annexe 2)"
    return {"subject": subject, "text": text.rstrip("\n")}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Show the form, shorter without sign-in; reveal no account (S7)."""
    user = member_of(request)
    form_class = ContactForm if user else OpenContactForm
    initial = {"topic": request.GET.get("sujet", ""), **prepared(request)}
    form = form_class(request.POST or None, by=user, initial=initial)
    if form.is_valid():
        with form.counted():
            count(request, user, form.cleaned_data.get("email", ""))
            ticket = form.save(by=user)
            done = f"Votre demande est enregistrée sous le n° {ticket.number}."
            messages.success(request, done)
            return redirect(ticket) if user else redirect("contact_sent")
    return show(request, CONTACT, form, **WORDS)


@login_not_required
@require_safe
def contact_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "support/tickets/contact_sent.html", WORDS)


@any_account
@require_safe
def tickets(request: AccountRequest) -> HttpResponse:
    mine = Ticket.objects.filter(author=request.user)
    context = {"page": paginate(request, mine), "section": "aide"}
    return render(request, "support/tickets/tickets.html", context)


@partner_only
@require_safe
def proposals(request: MemberRequest) -> HttpResponse:
    ours = Ticket.objects.proposals_of(request.user).select_related("author")
    context = {"page": paginate(request, ours), "section": "suivi"}
    return render(request, "support/tickets/proposals.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: AccountRequest, pk: UUID) -> HttpResponse:
    """Show one's own request, or a colleague's proposal read-only."""
    mine = Ticket.objects.visible_to(request.user)
    found = get_object_or_404(mine.select_related("author"), pk=pk)
    if request.method == "POST" and found.author_id != request.user.pk:
        raise PermissionDenied
    return follow(request, found, by=request.user)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ticket_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show the request of an e-mail's link; else raise Http404."""
    try:
        found = Ticket.of_token(token)
    except Ticket.DoesNotExist as error:
        raise Http404 from error
    return follow(request, found, by=None)


def follow(request: HttpRequest, found: Ticket, *, by: User | None) -> HttpResponse:
    form = MessageForm(request.POST or None, ticket=found)
    context = {
        "ticket": found,
        "thread": found.messages.all(),
        "section": "aide",
        "is_signed_in": by is not None,
        "is_mine": found.author_id == (by.pk if by else None),
    }
    if form.is_valid():
        try:
            with form.counted():
                count(request, by, found.email)
                form.save(found, by=by)
                messages.success(request, "Votre message est enregistré.")
                return redirect(request.path)
        except MoveRefused as error:
            form.add_error(None, str(error))
            return render(request, TICKET, {"form": form, **context}, status=409)
    return show(request, TICKET, form, **context)


def member_of(request: HttpRequest) -> User | None:
    user: Any = request.user
    return user if user.is_authenticated and user.is_verified() else None


def count(request: HttpRequest, user: User | None, email: str) -> None:
    """Limit by account, else by network and address (S6, S7); raise TooManyUses."""
    rules = settings.HELPDESK
    if user:
        limit = rules.messages_a_day
        count_use("message-compte", account=user.pk, window=DAY, limit=limit)
        return
    address = client_address(request)
    network = network_of(address) if address else "sans adresse"
    limit = rules.open_forms_an_hour
    count_use("message-reseau", account=network, window=HOUR, limit=limit)
    limit = rules.open_forms_a_day_of_a_mailbox
    count_use("message-courriel", account=normalise(email), window=DAY, limit=limit)
