"""Admin buttons of a lost second factor (S10, ADR 8)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone

from accounts.signin import factor_recovery
from accounts.signin.models.factor_recovery import FactorReset, LossReason
from accounts.users.models.first_access import IdentityCheck
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format, moment
from opus.lib.model_admin.admin_actions import AdminAction, AdminActionForm, confirming


def reset_of(account: User) -> FactorReset | None:
    return account.factor_resets.open().select_related("account", "asked_by").first()


def in_words(account: User) -> str:
    reset = reset_of(account)
    if reset is None:
        return "aucune en cours"
    request = (
        f"demandée le {date_format(timezone.localdate(reset.asked_at))} par "
        f"{reset.asked_by} ({reset.get_check_done_display()} ; "
        f"{reset.get_reason_display()})"
    )
    if reset.must_be_confirmed:
        return f"{request}, à confirmer par une seconde personne"
    return f"{request}, possible à partir du {moment(reset.ready_at)}"


def identity_field() -> forms.ChoiceField:
    """Return the field of a coded identity check (S10)."""
    return forms.ChoiceField(label="Vérification d’identité", choices=IdentityCheck)


def on_reset(act: Callable[..., Any]) -> type[AdminActionForm]:
    """Return the form of a step of the current reset."""

    def on_account(account: User, *, by: User) -> Any:
        reset = reset_of(account)
        if reset is None:
            raise MoveRefused("Aucune remise à zéro n’est en cours.")
        return act(reset, by=by)

    return confirming(on_account)


def may_ask(account: User, user: User) -> bool:
    return (
        account.is_active
        and factor_recovery.may_reset(account, by=user)
        and bool(account.factors)
        and reset_of(account) is None
    )


def under_way(account: User, user: Any) -> FactorReset | None:
    reset = reset_of(account)
    return reset if reset and factor_recovery.may_go_on(reset, by=user) else None


def may_confirm(account: User, user: User) -> bool:
    reset = under_way(account, user)
    return bool(reset and reset.must_be_confirmed and reset.asked_by_id != user.pk)


def may_finish(account: User, user: User) -> bool:
    reset = under_way(account, user)
    return bool(reset and reset.is_ready)


VERBS = (
    AdminAction(
        slug="second-facteur-perdu",
        label="Demander la remise à zéro des facteurs",
        question="Vérifiez l’identité de la personne, et demandez-lui d’abord si elle "
        "a ses codes de secours. La demande lui est annoncée par courriel : elle peut "
        "l’arrêter. Après 24 heures, ses seconds facteurs et son mot de passe seront "
        "remis à zéro par une fiche de premier accès. Pour un RGC ou un agent, ou si "
        "l’adresse du compte a changé depuis moins de 7 jours, une autre personne de "
        "France Travail doit confirmer.",
        done="La demande est enregistrée ; la personne est avertie par courriel.",
        form=confirming(
            factor_recovery.request_reset,
            check_done=identity_field(),
            reason=forms.ChoiceField(label="Motif", choices=LossReason),
        ),
        is_open=may_ask,
    ),
    AdminAction(
        slug="confirmer-la-remise-a-zero",
        label="Confirmer la remise à zéro",
        question="Une autre personne de France Travail a demandé la remise à zéro des "
        "seconds facteurs. Assurez-vous auprès d’elle que l’identité a bien été "
        "vérifiée.",
        done="La remise à zéro est confirmée.",
        form=on_reset(factor_recovery.confirm),
        is_open=may_confirm,
    ),
    AdminAction(
        slug="remettre-a-zero",
        label="Remettre à zéro les seconds facteurs",
        question="Les seconds facteurs, les codes de secours et le mot de passe ne "
        "serviront plus, et les sessions se ferment. Une fiche de premier accès "
        "s’affiche une seule fois : soyez prêt à l’imprimer.",
        done="Les seconds facteurs sont remis à zéro.",
        form=on_reset(factor_recovery.finish),
        is_open=may_finish,
        is_grave=True,
    ),
    AdminAction(
        slug="annuler-la-remise-a-zero",
        label="Annuler la remise à zéro",
        question="La demande est annulée : rien ne change pour la personne.",
        done="La demande est annulée.",
        form=on_reset(factor_recovery.stop),
        is_open=lambda account, user: under_way(account, user) is not None,
    ),
)
