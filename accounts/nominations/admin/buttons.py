import datetime as dt
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.forms import ChoiceField

from accounts.agreements.admin.letters import PostForm
from accounts.agreements.admin.of_convention import for_admins
from accounts.agreements.models.letters import LetterKind
from accounts.nominations import actions, forms, rights
from accounts.nominations.enums import (
    IN_FORCE_STATES,
    REPORTED_STATES,
    CopyChannel,
    NominationState,
    RefusalReason,
    WithdrawalReason,
)
from accounts.nominations.models import Nomination
from accounts.users.models.users import User
from opus.lib.dates import date_format
from opus.lib.forms.base import day_field
from opus.lib.model_admin.admin_actions import AdminAction, confirming, leads_to


def is_in(states: Collection[str]) -> Callable[[Nomination, User], bool]:
    return lambda nomination, user: nomination.state in states


def reason_field(reasons: type[TextChoices]) -> ChoiceField:
    return ChoiceField(label="Motif", choices=reasons)


def waits_for_copy(nomination: Nomination, user: User) -> bool:
    return nomination.state in IN_FORCE_STATES and nomination.copy_given_on is None


def may_announce_its_end(nomination: Nomination, user: User) -> bool:
    is_in_office = nomination.state == NominationState.IN_OFFICE
    return is_in_office and not nomination.is_past_its_end


def waits_for_letter(nomination: Nomination, user: User) -> bool:
    is_over = nomination.state in REPORTED_STATES
    is_reported = is_over or nomination.end_announced_on is not None
    return is_reported and nomination.vacancy_letter_on is None


class NotifyForm(PostForm):
    """Record the day of a notification (4.1), or the posting of a change (4.3)."""

    act = actions.notify

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.validated_on is None:
            del self.fields["carrier"], self.fields["registered_number"]
            self.fields["on"].label = "Notifié à la structure le"
            sent = self.instance.letters.good().filter(
                kind=LetterKind.APPOINTMENT_AGREED, posted_on__isnull=False
            )
            letter = sent.order_by("rank").last()
            posted_on = letter.notified_on if letter else None
            self.initial["on"] = self.instance.notified_on or posted_on
            self.fields["on"].help_text = (
                "Le jour où la structure a reçu l’accord écrit : lettre, remise en "
                "main propre ou courriel. L’accord est du "
                f"{date_format(self.instance.decided_on)}."
            )
        else:
            self.fields["registered_number"].help_text = (
                "Celui du bordereau : un changement de RGC se notifie par lettre "
                "recommandée avec avis de réception."
            )

    def clean_on(self) -> dt.date:
        on = forms.not_to_come(self.cleaned_data["on"])
        since = self.instance.validated_on or self.instance.decided_on
        if since and on < since:
            raise ValidationError(
                f"La décision est du {date_format(since)} : sa notification ne la "
                "précède pas."
            )
        return on


VERBS = (
    AdminAction(
        slug="avis",
        label="Enregistrer l’avis du directeur de site",
        question="L’avis du directeur de site est facultatif (art. 4.1). La "
        "décision revient au directeur territorial.",
        done="L’avis est enregistré.",
        form=forms.AdviseForm,
        is_open=is_in([NominationState.PROPOSED]),
    ),
    AdminAction(
        slug="accepter",
        label="Enregistrer l’accord",
        question="Le directeur territorial a donné son accord écrit (art. 4.1). La "
        "lettre à la structure se prépare. Si cette personne succède à un autre RGC, "
        "le directeur régional valide ensuite le changement (art. 4.3). Il restera à "
        "noter la notification à la structure, à fournir le compte, puis à mettre en "
        "fonction : une autre personne que vous le fera.",
        done="L’accord est enregistré. La lettre à la structure est à poster ; la "
        "fiche dit ce qui est attendu ensuite.",
        form=confirming(actions.accept, forms.DecisionForm),
        is_open=for_admins(leads_to(NominationState.ACCEPTED)),
        why_not=rights.why_not_decide,
    ),
    AdminAction(
        slug="refuser",
        label="Enregistrer le refus",
        question="Le directeur territorial refuse cette personne (art. 4.1). La "
        "lettre à la structure se prépare : elle l’invite à proposer quelqu’un "
        "d’autre.",
        done="Le refus est enregistré. La lettre à la structure est à poster.",
        form=confirming(
            actions.refuse, forms.DecisionForm, reason=reason_field(RefusalReason)
        ),
        is_open=for_admins(leads_to(NominationState.REFUSED)),
        is_grave=True,
        why_not=rights.why_not_decide,
    ),
    AdminAction(
        slug="valider",
        label="Enregistrer la validation du changement",
        question="Cette personne succède à un autre RGC : le directeur régional valide "
        "le changement et le notifie à la structure par lettre recommandée (art. 4.3). "
        "La lettre se prépare ; il reste à noter son envoi, à fournir le compte, "
        "puis à mettre en fonction.",
        done="La validation est enregistrée. La lettre à la structure est à poster ; "
        "le compte est à fournir.",
        form=forms.ValidateChangeForm,
        is_open=for_admins(lambda nomination, user: nomination.awaits_validation),
        why_not=rights.why_not_validate,
    ),
    AdminAction(
        slug="notifier",
        label="Noter la notification",
        question="Le RGC prend ses fonctions une fois la structure avertie par écrit : "
        "de l’accord s’il est le premier (art. 4.1), de la validation du changement "
        "s’il succède à un autre (art. 4.3).",
        done="La notification est enregistrée.",
        form=NotifyForm,
        is_open=lambda nomination, user: (
            nomination.state == NominationState.ACCEPTED
            and not nomination.awaits_validation
            and (nomination.awaits_notification or nomination.validated_on is None)
        ),
        why_not=rights.why_not_notify,
    ),
    AdminAction(
        slug="fournir-compte",
        label="Fournir le compte",
        question="Un compte de RGC s’ouvre, non compté dans l’annexe 2. La "
        "personne reçoit deux courriels : son identifiant, puis un lien "
        "d’activation valable 72 heures (art. 6). Si elle a déjà un compte dans la "
        "structure, elle garde le sien.",
        done="Le compte est fourni.",
        form=confirming(actions.provide_account),
        is_open=for_admins(
            lambda nomination, user: (
                nomination.state == NominationState.ACCEPTED and not nomination.person
            )
        ),
        why_not=rights.why_not_provide,
    ),
    AdminAction(
        slug="entrer-en-fonction",
        label="Mettre en fonction",
        question="Cette personne administrera dès maintenant les comptes de sa "
        "structure.",
        done="Le RGC est en fonction.",
        form=confirming(actions.put_in_office),
        is_open=for_admins(
            lambda nomination, user: (
                nomination.state == NominationState.ACCEPTED and nomination.person
            )
        ),
        why_not=rights.why_not_put_in_office,
    ),
    AdminAction(
        slug="copie",
        label="Enregistrer la remise de la convention",
        question="Le signataire de la structure remet au RGC une copie de la "
        "convention et de ses annexes, et vous en indique la date (art. 4.1). La "
        "lettre d’accord le lui demande.",
        done="La remise de la copie est enregistrée.",
        form=confirming(
            actions.hand_copy,
            forms.DayForm,
            day="given_on",
            on=day_field("Remise le"),
            channel=ChoiceField(label="Comment", choices=CopyChannel),
        ),
        is_open=waits_for_copy,
    ),
    AdminAction(
        slug="annoncer",
        label="Annoncer un départ ou une absence",
        question="Le RGC administre les comptes jusqu’au jour indiqué. Son accès "
        "se ferme alors de lui-même et son poste devient vacant ; la lettre à la "
        "structure se prépare ce jour-là (art. 4.3). La structure peut proposer dès "
        "maintenant un successeur.",
        done="La fin de fonction est annoncée : elle s’appliquera d’elle-même.",
        form=forms.AnnounceEndForm,
        is_open=for_admins(may_announce_its_end),
        why_not=rights.why_not_end,
    ),
    AdminAction(
        slug="rester",
        label="Annuler la fin annoncée",
        question="Le RGC reste en fonction.",
        done="La fin annoncée est annulée : le RGC reste en fonction.",
        form=confirming(actions.drop_announced_end),
        is_open=for_admins(
            lambda nomination, user: (
                nomination.end_announced_on and may_announce_its_end(nomination, user)
            )
        ),
        why_not=rights.why_not_end,
    ),
    AdminAction(
        slug="partir",
        label="Enregistrer le départ",
        question="Le RGC a quitté la structure ou changé de fonction. Son accès se "
        "ferme aussitôt et son poste devient vacant : les comptes des conseillers "
        "restent ouverts, personne ne peut en créer (art. 4.3).",
        done="Le départ est enregistré : le poste de RGC est vacant. La lettre à "
        "la structure est à poster.",
        form=confirming(
            partial(actions.end_office, is_absence=False),
            forms.EndForm,
            on=day_field("Dernier jour dans la fonction"),
        ),
        is_open=for_admins(leads_to(NominationState.LEFT)),
        is_grave=True,
        why_not=rights.why_not_end,
    ),
    AdminAction(
        slug="absence",
        label="Enregistrer une absence de plus de trois mois",
        question="Constatée ou annoncée, une absence de plus de trois mois rend le "
        "poste vacant comme un départ (art. 4.3).",
        done="L’absence est enregistrée : le poste de RGC est vacant. La lettre à "
        "la structure est à poster.",
        form=confirming(
            partial(actions.end_office, is_absence=True),
            forms.EndForm,
            on=day_field(
                "Absent depuis le",
                help_text="Une absence plus courte que trois mois ne s’enregistre pas.",
            ),
        ),
        is_open=for_admins(leads_to(NominationState.ABSENT)),
        is_grave=True,
        why_not=rights.why_not_end,
    ),
    AdminAction(
        slug="avis-retrait",
        label="Enregistrer un avis sur le retrait",
        question="Le directeur territorial ou le directeur de site peut donner son "
        "avis : il est facultatif. Le directeur régional décidera (art. 4.3). Rien ne "
        "change pour le RGC d’ici là.",
        done="L’avis est enregistré : le retrait attend la décision du directeur "
        "régional.",
        form=forms.AdviseWithdrawalForm,
        is_open=is_in(IN_FORCE_STATES),
        is_grave=True,
    ),
    AdminAction(
        slug="retirer",
        label="Retirer l’agrément",
        question="Le directeur régional retire l’agrément, par lettre recommandée, "
        "après avis le cas échéant (art. 4.3). La personne n’administre plus les "
        "comptes dès cet instant.",
        done="L’agrément est retiré. La lettre à la structure est à poster.",
        form=confirming(
            actions.withdraw, forms.DecisionForm, reason=reason_field(WithdrawalReason)
        ),
        is_open=for_admins(leads_to(NominationState.WITHDRAWN)),
        is_grave=True,
        why_not=rights.why_not_withdraw,
    ),
    AdminAction(
        slug="maintenir",
        label="Maintenir dans la fonction",
        question="Le directeur régional ne retire pas l’agrément : l’avis donné "
        "est classé.",
        done="L’avis est classé : la nomination se poursuit.",
        form=confirming(actions.drop_withdrawal),
        is_open=for_admins(
            lambda nomination, user: (
                nomination.state in IN_FORCE_STATES and nomination.withdrawal_opinion
            )
        ),
        why_not=rights.why_not_withdraw,
    ),
    AdminAction(
        slug="lettre-vacance",
        label="Enregistrer la lettre de la structure",
        question="La structure signale le départ ou l’absence au directeur régional, "
        "par écrit, dans les huit jours (art. 4.3). Aucun délai ne lui est fixé pour "
        "proposer un successeur.",
        done="La lettre est enregistrée.",
        form=forms.VacancyLetterForm,
        is_open=waits_for_letter,
    ),
    AdminAction(
        slug="abandonner",
        label="Abandonner la proposition",
        question="La structure reprend sa proposition, ou la personne renonce. La "
        "structure peut en faire une autre.",
        done="La proposition est abandonnée.",
        form=confirming(actions.abandon),
        is_open=for_admins(leads_to(NominationState.ABANDONED)),
        is_grave=True,
        why_not=rights.why_not_administer,
    ),
)
