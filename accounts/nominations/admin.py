import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import ChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.agreements.admin.filters import (
    OfConvention,
    button,
    for_admins,
    is_in,
    rendered,
)
from accounts.agreements.admin.letters import PostForm
from accounts.agreements.forms import not_to_come
from accounts.agreements.models.conventions import OVER_STATES
from accounts.agreements.models.letters import LetterKind
from accounts.nominations import actions, forms
from accounts.nominations.enums import (
    ENDED_STATES,
    IN_FORCE_STATES,
    REPORTED_STATES,
    UNDER_WAY_STATES,
    CopyChannel,
    NominationState,
    RefusalReason,
    WithdrawalReason,
)
from accounts.nominations.forms import NominationForm
from accounts.nominations.models import Nomination, awaiting
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.database.name_order import ByName
from opus.lib.dates import date_format
from opus.lib.forms.base import day_field
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.forms import confirming, leads_to


def may_announce_its_end(nomination: Nomination, user: User) -> bool:
    is_in_office = nomination.state == NominationState.IN_OFFICE
    return is_in_office and not nomination.is_past_its_end


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
        on: dt.date = self.cleaned_data["on"]
        not_to_come(on)
        since = self.instance.validated_on or self.instance.decided_on
        if since and on < since:
            raise ValidationError(
                f"La décision est du {date_format(since)} : sa notification ne la "
                "précède pas."
            )
        return on


nomination_button = partial(button, "accounts/nominations/admin/buttons.html")
VERBS = (
    nomination_button(
        "avis",
        "Enregistrer l’avis du directeur de site",
        forms.AdviseForm,
        is_in([NominationState.PROPOSED]),
    ),
    nomination_button(
        "accepter",
        "Enregistrer l’accord",
        confirming(actions.accept, forms.DecisionForm),
        for_admins(leads_to(NominationState.ACCEPTED)),
        why_not=actions.why_not_decide,
    ),
    nomination_button(
        "refuser",
        "Enregistrer le refus",
        confirming(
            actions.refuse,
            forms.DecisionForm,
            reason=ChoiceField(label="Motif", choices=RefusalReason),
        ),
        for_admins(leads_to(NominationState.REFUSED)),
        is_grave=True,
        why_not=actions.why_not_decide,
    ),
    nomination_button(
        "valider",
        "Enregistrer la validation du changement",
        forms.ValidateChangeForm,
        for_admins(lambda nomination, user: nomination.awaits_validation),
        why_not=actions.why_not_validate,
    ),
    nomination_button(
        "notifier",
        "Noter la notification",
        NotifyForm,
        lambda nomination, user: (
            nomination.state == NominationState.ACCEPTED
            and not nomination.awaits_validation
            and (nomination.awaits_notification or nomination.validated_on is None)
        ),
        why_not=actions.why_not_notify,
    ),
    nomination_button(
        "fournir-compte",
        "Fournir le compte",
        confirming(actions.provide_account),
        for_admins(
            lambda nomination, user: (
                nomination.state == NominationState.ACCEPTED and not nomination.person
            )
        ),
        why_not=actions.why_not_provide,
    ),
    nomination_button(
        "entrer-en-fonction",
        "Mettre en fonction",
        confirming(actions.put_in_office),
        for_admins(
            lambda nomination, user: (
                nomination.state == NominationState.ACCEPTED and nomination.person
            )
        ),
        why_not=actions.why_not_put_in_office,
    ),
    nomination_button(
        "copie",
        "Enregistrer la remise de la convention",
        confirming(
            actions.hand_copy,
            forms.DayForm,
            day="given_on",
            on=day_field("Remise le"),
            channel=ChoiceField(label="Comment", choices=CopyChannel),
        ),
        lambda nomination, user: (
            nomination.state in IN_FORCE_STATES and nomination.copy_given_on is None
        ),
    ),
    nomination_button(
        "annoncer",
        "Annoncer un départ ou une absence",
        forms.AnnounceEndForm,
        for_admins(may_announce_its_end),
        why_not=actions.why_not_end,
    ),
    nomination_button(
        "rester",
        "Annuler la fin annoncée",
        confirming(actions.drop_announced_end),
        for_admins(
            lambda nomination, user: (
                nomination.end_announced_on and may_announce_its_end(nomination, user)
            )
        ),
        why_not=actions.why_not_end,
    ),
    nomination_button(
        "partir",
        "Enregistrer le départ",
        confirming(
            partial(actions.end_office, is_absence=False),
            forms.EndForm,
            on=day_field("Dernier jour dans la fonction"),
        ),
        for_admins(leads_to(NominationState.LEFT)),
        is_grave=True,
        why_not=actions.why_not_end,
    ),
    nomination_button(
        "absence",
        "Enregistrer une absence de plus de trois mois",
        confirming(
            partial(actions.end_office, is_absence=True),
            forms.EndForm,
            on=day_field(
                "Absent depuis le",
                help_text="Une absence plus courte que trois mois ne s’enregistre pas.",
            ),
        ),
        for_admins(leads_to(NominationState.ABSENT)),
        is_grave=True,
        why_not=actions.why_not_end,
    ),
    nomination_button(
        "avis-retrait",
        "Enregistrer un avis sur le retrait",
        forms.AdviseWithdrawalForm,
        is_in(IN_FORCE_STATES),
        is_grave=True,
    ),
    nomination_button(
        "retirer",
        "Retirer l’agrément",
        confirming(
            actions.withdraw,
            forms.DecisionForm,
            reason=ChoiceField(label="Motif", choices=WithdrawalReason),
        ),
        for_admins(leads_to(NominationState.WITHDRAWN)),
        is_grave=True,
        why_not=actions.why_not_withdraw,
    ),
    nomination_button(
        "maintenir",
        "Maintenir dans la fonction",
        confirming(actions.drop_withdrawal),
        for_admins(
            lambda nomination, user: (
                nomination.state in IN_FORCE_STATES and nomination.withdrawal_opinion
            )
        ),
        why_not=actions.why_not_withdraw,
    ),
    nomination_button(
        "lettre-vacance",
        "Enregistrer la lettre de la structure",
        forms.VacancyLetterForm,
        lambda nomination, user: (
            nomination.vacancy_letter_on is None
            and (nomination.state in REPORTED_STATES or nomination.end_announced_on)
        ),
    ),
    nomination_button(
        "abandonner",
        "Abandonner la proposition",
        confirming(actions.abandon),
        for_admins(leads_to(NominationState.ABANDONED)),
        is_grave=True,
        why_not=actions.why_not_administer,
    ),
)


class StepFilter(ChoiceFilter):
    title = "ce qui est attendu"
    parameter_name = "attendu"
    steps = (
        ("avis", "awaiting_opinion", "avis facultatif du directeur de site"),
        ("decision", "awaiting_decision", "décision territoriale"),
        (
            "validation",
            "awaiting_validation",
            "validation du changement par le directeur régional",
        ),
        ("notification", "awaiting_notification", "notification à la structure"),
        ("compte", "awaiting_account", "compte à fournir"),
        ("fonction", "awaiting_office", "mise en fonction"),
        (
            "copie",
            "awaiting_copy",
            "copie de la convention à remettre par la structure",
        ),
        ("retrait", "awaiting_withdrawal", "retrait à décider"),
        ("depart", "leaving", "fin de fonction annoncée"),
        ("suspendu", "with_suspended_account", "compte à réactiver, ou à remplacer"),
        ("vacance", "vacant", "poste vacant"),
        ("lettre", "letter_overdue", "départ ou absence non signalés sous huit jours"),
    )
    options = {value: (label, awaiting(name)) for value, name, label in steps}


# Fields of the proposal that stay editable until the account exists.
CORRECTED = ("first_name", "last_name", "email", "function", "proposal_reference")


WITHDRAWAL_OPINION = (
    "withdrawal_director",
    "withdrawal_opinion",
    "withdrawal_opinion_on",
    "withdrawal_opinion_by",
)
WITHDRAWAL = ("withdrawal_by", "withdrawal_reference", "withdrawal_reason")
VACANCY_LETTER = ("vacancy_letter_on", "vacancy_letter_reference")


def stages(
    request: HttpRequest, nomination: Nomination
) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    has_next = nomination.state not in UNDER_WAY_STATES
    clock = "vacancy" if nomination.ended_on else "awaited"
    names = ("first_name", "last_name", "email") if nomination.email else ("holder",)
    yield None, ("state", clock, *(["next_step"] if has_next else []))
    before = "carried_from" if nomination.is_carried else "previous"
    proposal = (
        "function",
        "is_permanent_staff",
        "has_responsibility",
        "proposed_on",
        "proposal_reference",
        *([before] if nomination.previous else []),
    )
    yield "Proposition de la structure", ("structure", "convention", *names, *proposal)
    if nomination.opinion:
        yield "Avis du directeur de site", ("opinion", "opinion_on", "opinion_by")
    if nomination.decided_on:
        last = "refusal_reason" if nomination.refusal_reason else "accepted_by"
        decision = ("decided_on", "decision_by", "decision_reference", last)
        yield "Décision du directeur territorial", decision
    if nomination.validated_on:
        validation = ("validated_on", "validation_by", "validation_reference")
        yield "Changement validé", (*validation, "validated_by")
    if nomination.validated_on and nomination.change_letter:
        yield "Notification à la structure", ("change_posting",)
    elif nomination.notified_on:
        yield "Notification à la structure", ("notified_on",)
    if nomination.person:
        sees_accounts = request.user.has_perm("accounts.view_user")
        account = "account" if sees_accounts else "account_code"
        since = ("office_on", "office_by") if nomination.office_on else ()
        end = ("announced_end",) if nomination.end_announced_on else ()
        yield "Fonction", (account, "copy", *since, *end)
    withdrawal = (
        *(WITHDRAWAL_OPINION if nomination.withdrawal_opinion else ()),
        *(WITHDRAWAL if nomination.withdrawal_by else ()),
    )
    if withdrawal:
        yield "Retrait de l’agrément", withdrawal
    ending = (
        *(["ended_on"] if nomination.ended_on else []),
        *(VACANCY_LETTER if nomination.vacancy_letter_on else ()),
    )
    if ending:
        yield "Fin de fonction", ending
    yield "Suivi", ("letters", "timeline")


def following_of(nomination: Nomination) -> Nomination | None:
    """Return what followed it: on this post, or where its convention went on."""
    rows = nomination.following.order_by("pk")
    if nomination.state != NominationState.OVER:
        rows = rows.filter(convention=nomination.convention_id)
    return rows.first()


row_of = partial(rendered, template="accounts/nominations/admin/rows.html")


@admin.register(Nomination)
class NominationAdmin(OfConvention):
    form = NominationForm
    list_display = (
        "holder",
        "structure",
        "state",
        "vacancy",
        "proposed_on",
        "office_on",
        "ended_on",
    )
    list_filter = (StepFilter, "state", *OfConvention.list_filter)
    list_select_related = ("person", "convention__structure")
    search_fields = (
        "last_name",
        "person__last_name",
        "person__identifier",
        *OfConvention.search_fields,
    )
    search_help_text = "Nom, identifiant, convention, structure ou code SAFIR."
    records_reads = True
    admin_actions = VERBS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotate ``is_vacant``: no RGC in office since the departure."""
        vacant = Nomination.objects.vacant().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_vacant=Exists(vacant))

    # --- Admin page ---------------------------------------------------------------

    PROPOSAL: ClassVar[tuple[Any, ...]] = (
        "convention",
        ("first_name", "last_name"),
        "email",
        "function",
        "is_permanent_staff",
        "has_responsibility",
        ("proposed_on", "proposal_reference"),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if not obj:
            return ((None, {"fields": self.PROPOSAL}),)
        return tuple(
            (title, {"fields": lines}) for title, lines in stages(request, obj)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the proposal editable until the decision."""
        if not obj:
            return ()
        return tuple(
            name
            for _, lines in stages(request, obj)
            for name in lines
            if name not in CORRECTED
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or obj.state == NominationState.PROPOSED
        return is_open and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "convention":
            rows = self.within_reach(db_field.related_model, request)
            kwargs["queryset"] = rows.exclude(state__in=OVER_STATES).select_related(
                "structure"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "proposed_on": timezone.localdate(),
            **super().get_changeform_initial_data(request),
        }

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            actions.propose(obj, by=request.user)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Do nothing: the action already wrote the audit entry."""

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        """Redirect to the closing page once the office ended."""
        instance = self.get_object(request, str(instance.pk))
        if isinstance(result, User):
            words = (
                f"{result} garde son compte {result.identifier} : aucun courriel ne "
                "part, le mot de passe et les seconds facteurs ne changent pas."
            )
            if result.role == Role.RGC and result.nominations.count() == 1:
                words = (
                    "L’identifiant et le lien d’activation partent par deux courriels."
                )
            messages.info(request, words)
        is_over = instance.state in ENDED_STATES and instance.vacancy_letter_on is None
        if is_over and actions.may_close_account(instance):
            messages.info(
                request,
                "Son compte reste ouvert, sans accès : fermez-le si la personne ne "
                "reprendra pas la fonction.",
            )
            return redirect("admin:accounts_user_action", instance.person_id, "fermer")
        return super().respond(request, instance, result)

    # --- Columns and rows ---------------------------------------------------------

    @admin.display(description="personne", ordering=ByName("last_name"))
    def holder(self, nomination: Nomination) -> str:
        return nomination.full_name

    vacancy = row_of("vacancy", "poste vacant")

    @admin.display(description="ce qui est attendu")
    def awaited(self, nomination: Nomination) -> str:
        row = Nomination.objects.filter(pk=nomination.pk)
        questions = StepFilter.options.values()
        awaited = [label for label, question in questions if question(row).exists()]
        return ", ".join(awaited) or "rien"

    next_step = row_of("next_step", "et ensuite", following=following_of)
    # The nomination that goes on here (art. 13).
    carried_from = row_of("carried_from", "reconduit de")
    account = row_of("account", "compte", may_close=actions.may_close_account)
    # Unlinked: not all may view accounts.
    account_code = row_of("account_code", "compte")
    change_posting = row_of(
        "change_posting",
        "changement notifié",
        letter=lambda nomination: nomination.change_letter,
    )
    announced_end = row_of("announced_end", "fin annoncée")
    copy = row_of("copy", "copie de la convention")
