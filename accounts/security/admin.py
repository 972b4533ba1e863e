"""Admin of alerts, with the journal around each (S39)."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from accounts.security.models import Alert, AlertState, Conclusion, Level, Rule
from accounts.security.rules import words_about
from accounts.signin import sessions, user_agents
from accounts.structures.filters import StructureFilter, TerritoryFilter
from accounts.users.models import User
from accounts.users.territory import REGIONAL, level_of, within
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import admin_url, link_to, part, reader_of
from opus.lib.model_admin.forms import (
    AdminAction,
    AdminActionForm,
    confirming,
    leads_to,
)
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin

AROUND = dt.timedelta(minutes=10)
LINES_SHOWN = 60
SUSPEND = "suspendre"
HIS_OWN = (
    "Cette alerte porte sur votre propre compte : un autre administrateur la traite."
)
ACTION_LABELS = dict(Action.choices)


class CloseForm(AdminActionForm):
    act = Alert.close

    conclusion = forms.ChoiceField(label="Ce que c’était", choices=Conclusion)

    def audit_details(self) -> dict[str, Any]:
        return {"conclusion": self.cleaned_data["conclusion"]}


def is_not_about(alert: Alert, user: User) -> bool:
    return bool(alert.account_id != user.pk)


def may_reach(state: AlertState) -> Callable[[Any, User], bool]:
    return lambda alert, user: (
        is_not_about(alert, user) and leads_to(state)(alert, user)
    )


class OpenFilter(ChoiceFilter):
    title = "suite"
    parameter_name = "suite"
    options = {
        "a-traiter": ("à traiter", lambda rows: rows.unsettled().grave()),
        "signaux": (
            "signaux ouverts",
            lambda rows: rows.unsettled().filter(level=Level.SOFT),
        ),
    }


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        "last_at",
        "rule",
        "account_line",
        "structure_link",
        "peak",
        "level",
        "state",
    )
    list_display_links = ("rule",)
    list_filter = (
        OpenFilter,
        "state",
        "level",
        "rule",
        StructureFilter,
        TerritoryFilter,
    )
    structure_path = "structure"
    territory_paths = ("structure__agency",)
    list_select_related = ("account", "structure")
    search_fields = ("=account__identifier", "structure__name", "=address")
    search_help_text = "Identifiant du compte, structure ou adresse."
    fieldsets = (
        part(None, "saw", "means", "to_do"),
        part(
            "De quoi il s’agit",
            "account_link",
            "structure",
            "address",
            "first_at",
            "last_at",
            "level",
        ),
        part("Suivi", "state", "conclusion", "timeline"),
        part("Le journal autour", "around"),
    )
    admin_actions = (
        AdminAction(
            slug="prendre",
            label="Prendre en charge",
            question="Les autres verront que vous vous en occupez.",
            done="Vous avez pris l’alerte en charge.",
            form=confirming(Alert.take_charge),
            is_open=may_reach(AlertState.TAKEN),
            action=Action.ALERT_TAKEN,
        ),
        AdminAction(
            slug="fermer-les-sessions",
            label="Fermer ses sessions",
            question="Toutes les sessions de ce compte se ferment, où qu’elles soient "
            "ouvertes. Son titulaire peut se reconnecter : si le compte est compromis, "
            "suspendez-le.",
            done="Les sessions de ce compte sont fermées.",
            form=confirming(lambda alert, by: sessions.close_all(alert.account, by=by)),
            is_open=lambda alert, user: (
                alert.is_open
                and alert.account is not None
                and is_not_about(alert, user)
            ),
        ),
        AdminAction(
            slug="clore",
            label="Clore",
            question="Dites ce que c’était. La même rafale ne lèvera plus d’alerte ; "
            "la suivante en lèvera une.",
            done="L’alerte est close.",
            form=CloseForm,
            is_open=may_reach(AlertState.CLOSED),
            action=Action.ALERT_CLOSED,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(queryset, user, "structure__agency")

    @admin.display(description="ce qu’Opus a vu")
    def saw(self, alert: Alert) -> str:
        return words_about(alert, None)["saw"]

    @admin.display(description="ce que cela peut vouloir dire")
    def means(self, alert: Alert) -> str:
        return words_about(alert, None)["means"]

    @admin.display(description="ce qu’il faut faire")
    def to_do(self, alert: Alert) -> str:
        reader = reader_of(alert)
        if reader and not is_not_about(alert, reader):
            return HIS_OWN
        return words_about(alert, reader)["to_do"]

    @admin.display(description="compte")
    def account_line(self, alert: Alert) -> str:
        return alert.account.identifier if alert.account else "—"

    @admin.display(description="compte")
    def account_link(self, alert: Alert) -> str:
        if alert.account is None:
            return "—"
        reader = reader_of(alert)
        account = link_to(
            alert.account, reader, f"{alert.account} ({alert.account.identifier})"
        )
        links = []
        if url := url_to_suspend(alert.account, reader):
            links.append((url, "Suspendre…"))
        # Only a region or the country handles a breach (V24).
        if reader and level_of(reader) in REGIONAL:
            query = {
                "compte": alert.account.identifier,
                "du": f"{localtime(alert.first_at - AROUND):%Y-%m-%dT%H:%M}",
                "au": f"{localtime(alert.last_at + AROUND):%Y-%m-%dT%H:%M}",
            }
            seen = f"{reverse('admin:persons_seen')}?{urlencode(query)}"
            links.append((seen, "Personnes vues par ce compte…"))
        others = format_html_join("", ' · <a href="{}">{}</a>', links)
        return format_html("{}{}", account, others)

    @admin.display(description="journal")
    def around(self, alert: Alert) -> str:
        around = AuditEntry.objects.filter(
            at__gte=alert.first_at - AROUND, at__lte=alert.last_at + AROUND
        )
        lines = lines_about(alert, around)[: LINES_SHOWN + 1]
        shown = [
            {
                "at": line.at,
                "action": ACTION_LABELS.get(line.action, line.action),
                "persons": line.persons,
                "refused": line.refused,
                "session": line.session[:4],
                "place": user_agents.short(user_agents.network_of(line.ip)),
                "agent": user_agents.in_words(line.agent),
            }
            for line in lines[:LINES_SHOWN]
        ]
        context = {"lines": shown, "has_more": len(lines) > LINES_SHOWN}
        return render_to_string("accounts/security/admin/alert_journal.html", context)


def url_to_suspend(account: User, reader: Any) -> str:
    """Return the page that suspends it; empty if this reader may not, or it is."""
    request = HttpRequest()
    request.user = reader
    pages: Any = admin.site.get_model_admin(User)
    rows = pages.within(User.objects.filter(pk=account.pk), reader) if reader else None
    if rows is None or not rows.exists():
        return ""
    is_open = SUSPEND in {one.slug for one in pages.open_actions(request, account)}
    return admin_url(User, "action", account.pk, SUSPEND) if is_open else ""


def lines_about(alert: Alert, lines: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Filter entries: the account, forged batches, or refused sign-ins."""
    if alert.account_id:
        theirs = lines.filter(actor_id=alert.account_id)
        tried = lines.filter(
            target_type="accounts.user", target_id=str(alert.account_id), actor_id=None
        )
        return theirs | tried
    if alert.rule == Rule.FEED_FORGED:
        return lines.filter(action=Action.FEED_FORGED)
    refused = lines.filter(action=Action.SIGN_IN_REFUSED)
    return refused.filter(ip=alert.address) if alert.address else refused
