"""The account page of the admin, with its caseload's hand-over."""

from django.contrib import admin
from django.template.loader import render_to_string

from accounts.team.admin.users import UserAdmin, is_other
from accounts.users.enums import UserState
from accounts.users.models.users import User
from opus.lib.model_admin.admin_actions import AdminAction
from referrals.candidates.models.stand_ins import history_of
from referrals.caseloads.actions import handover
from referrals.caseloads.forms import CloseAccountForm, HandOverForm


def may_be_handed_over(account: User, user: User) -> bool:
    is_free = account.is_partner and not handover.waiting_for(account)
    return is_free and handover.caseload_of(account).people > 0


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    admin_actions = (
        *UserAdmin.admin_actions,
        AdminAction(
            slug="confier",
            label="Confier les suivis",
            question="Les personnes que ce compte accompagne passent à la personne "
            "choisie, dans la même structure ; plus de 20, elles attendent 24 heures "
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
            "personnes que ce compte accompagne passent à la personne choisie\xa0; "
            "plus de 20, elles attendent 24 heures qu’une seconde personne confirme.",
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
