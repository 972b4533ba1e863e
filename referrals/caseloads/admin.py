"""Accounts with the hand-over of their caseload, and the transfers."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from accounts.signin.access import step_up
from accounts.structures.filters import TerritoryFilter
from accounts.team.admin import UserAdmin, is_other
from accounts.users.enums import UserState
from accounts.users.models import User
from accounts.users.territory import within
from opus.lib.database.name_order import ByName
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import AdminAction, confirming
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin
from referrals.candidates.models import history_of
from referrals.caseloads import actions
from referrals.caseloads.actions import waiting_for
from referrals.caseloads.forms import CloseAccountForm, HandOverForm
from referrals.caseloads.models import CaseloadTransfer

HIS_OWN = (
    "Vous avez demandé ce transfert\xa0: une autre personne de France Travail, ou le "
    "conseiller, doit le confirmer."
)


class WaitingFilter(ChoiceFilter):
    title = "suite"
    parameter_name = "suite"
    options = {
        "attente": ("en attente", lambda rows: rows.waiting()),
        "a-regarder": ("à regarder", lambda rows: rows.to_look_at()),
    }


@admin.register(CaseloadTransfer)
class CaseloadTransferAdmin(ReadOnlyAdmin):
    """Counts and accounts, no persons."""

    article = "un"
    list_display = (
        "asked_at",
        "structure",
        "account_link",
        "people",
        "to_whom",
        "state",
        "ready_at",
        "disowned_at",
    )
    list_display_links = ("asked_at",)
    list_filter = (WaitingFilter, TerritoryFilter)
    structure_path = "account__structure"
    territory_paths = ("account__structure__agency",)
    list_select_related = ("account__structure", "asked_by", "acts_to", "others_to")
    search_fields = ("=account__identifier", "account__structure__name")
    search_help_text = "Identifiant du compte ou structure."
    fieldsets = (
        part(
            None,
            "structure",
            "account_link",
            "people",
            "acts",
            "to_whom",
            "asked_by",
            "asked_at",
            "kind",
            "starts_on",
            "ends_on",
            "at_once",
            "ready_at",
            "receiver_is_new",
        ),
        part(
            "Suivi",
            "state",
            "confirmed_by",
            "done_at",
            "seen_at",
            "disowned_at",
            "checked_at",
            "checked_by",
            "timeline",
        ),
    )
    admin_actions = (
        AdminAction(
            slug="confirmer",
            label="Confirmer maintenant",
            question="Ces candidats changent de conseiller tout de suite. Assurez-vous "
            "auprès de la structure, par un numéro que vous connaissez déjà, que c’est "
            "bien ce qu’elle veut.",
            done="Les candidats sont confiés.",
            form=confirming(actions.confirm),
            is_open=lambda transfer, user: transfer.is_waiting,
            is_grave=True,
            why_not=lambda transfer, user: (
                HIS_OWN if transfer.asked_by_id == user.pk else ""
            ),
        ),
        AdminAction(
            slug="arreter",
            label="Arrêter le transfert",
            question="Personne ne change de conseiller, et les candidats déjà confiés "
            "reviennent à qui les suivait. Si le compte qui l’a demandé a pu être "
            "volé, suspendez-le aussi.",
            done="Le transfert est arrêté.",
            form=confirming(actions.stop),
            is_open=lambda transfer, user: transfer.can_be_stopped,
        ),
        AdminAction(
            slug="verifier",
            label="J’ai vérifié",
            question="Vous avez appelé la structure, par un numéro que vous connaissez "
            "déjà. La ligne quitte votre bureau\xa0; si le conseiller avait dit ne pas "
            "connaître la demande, le compte qui l’a faite peut de nouveau confier des "
            "candidats et ouvrir des comptes.",
            done="C’est noté.",
            form=confirming(actions.mark_checked),
            is_open=lambda transfer, user: (
                CaseloadTransfer.objects.to_look_at().filter(pk=transfer.pk).exists()
            ),
            why_not=lambda transfer, user: (
                HIS_OWN if transfer.asked_by_id == user.pk else ""
            ),
        ),
    )

    def within(
        self, queryset: QuerySet[CaseloadTransfer], user: Any
    ) -> QuerySet[CaseloadTransfer]:
        return within(queryset, user, "account__structure__agency")

    def action_view(self, request: Any, object_id: str, slug: str) -> HttpResponse:
        return step_up(super().action_view)(request, object_id, slug)

    @admin.display(description="structure", ordering=ByName("account__structure__name"))
    def structure(self, transfer: CaseloadTransfer) -> str:
        return self.structure_link(transfer)

    @admin.display(description="conseiller")
    def account_link(self, transfer: CaseloadTransfer) -> str:
        account = transfer.account
        url = reverse("admin:accounts_user_change", args=[account.pk])
        return format_html('<a href="{}">{} ({})</a>', url, account, account.identifier)

    @admin.display(description="confiés à")
    def to_whom(self, transfer: CaseloadTransfer) -> str:
        """Return the receivers, and whether one of them requested it."""
        words = transfer.to_words
        return f"{words} (qui l’a demandé)" if transfer.is_to_oneself else words


def may_be_handed_over(account: User, user: User) -> bool:
    is_free = account.is_partner and not waiting_for(account)
    return is_free and actions.caseload_of(account).people > 0


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    admin_actions = (
        *UserAdmin.admin_actions,
        AdminAction(
            slug="confier",
            label="Confier les suivis",
            question="Les candidats que ce compte accompagne passent à la personne "
            "choisie, dans la même structure ; plus de 20, ils attendent 24 heures "
            "qu’une seconde personne confirme. Le compte ne change pas.",
            done="Les suivis sont confiés, ou le seront dans 24 heures : l’historique "
            "des transferts le dit.",
            form=HandOverForm,
            is_open=may_be_handed_over,
        ),
        AdminAction(
            slug="fermer",
            label="Fermer le compte",
            question="Le compte se ferme pour toujours : son identifiant ne sera "
            "jamais donné à une autre personne. Son historique est conservé. Les "
            "candidats que ce compte accompagne passent à la personne choisie\xa0; "
            "plus de 20, ou vers un compte récent, ils attendent le lendemain midi "
            "qu’une seconde personne confirme.",
            done="Le compte est fermé.",
            form=CloseAccountForm,
            is_open=lambda account, user: (
                is_other(account, user) and account.can_move_to(UserState.CLOSED)
            ),
            is_grave=True,
        ),
    )

    @admin.display(description="historique")
    def timeline(self, instance: User) -> str:
        return render_to_string("admin/timeline.html", {"lines": history_of(instance)})
