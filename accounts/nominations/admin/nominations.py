from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.agreements.admin.of_convention import OfConvention
from accounts.agreements.enums import OVER_STATES
from accounts.nominations import actions, rights
from accounts.nominations.admin.buttons import VERBS
from accounts.nominations.admin.filters import StepFilter
from accounts.nominations.enums import ENDED_STATES, UNDER_WAY_STATES, NominationState
from accounts.nominations.forms import NominationForm
from accounts.nominations.models import Nomination
from accounts.users.enums import Role
from accounts.users.models.users import User
from opus.lib.database.name_order import ByName
from opus.lib.dates import date_format

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
        last = "refusal_reason" if nomination.refusal_reason else "accepted_name"
        decision = ("decided_on", "decision_by", "decision_reference", last)
        yield "Décision du directeur territorial", decision
    if nomination.validated_on:
        validation = ("validated_on", "validation_by", "validation_reference")
        yield "Changement validé", (*validation, "validated_name")
    if nomination.validated_on and nomination.change_letter:
        yield "Notification à la structure", ("change_posting",)
    elif nomination.notified_on:
        yield "Notification à la structure", ("notified_on",)
    if nomination.person:
        sees_accounts = request.user.has_perm("accounts.view_user")
        account = "account" if sees_accounts else "account_code"
        since = ("office_on", "office_name") if nomination.office_on else ()
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
            messages.info(request, what_leaves(result))
        is_over = instance.state in ENDED_STATES and instance.vacancy_letter_on is None
        if is_over and rights.may_close_account(instance):
            messages.info(
                request,
                "Son compte reste ouvert, sans accès : fermez-le si la personne ne "
                "reprendra pas la fonction.",
            )
            return redirect(closing_page(instance.person))
        return super().respond(request, instance, result)

    # --- Columns and rows ---------------------------------------------------------

    @admin.display(description="personne", ordering=ByName("last_name"))
    def holder(self, nomination: Nomination) -> str:
        return nomination.full_name

    @admin.display(description="poste vacant")
    def vacancy(self, nomination: Any) -> str:
        if not nomination.is_vacant:
            return "—"
        return render_to_string(
            "accounts/nominations/admin/vacancy.html", {"nomination": nomination}
        )

    @admin.display(description="ce qui est attendu")
    def awaited(self, nomination: Nomination) -> str:
        row = Nomination.objects.filter(pk=nomination.pk)
        questions = StepFilter.options.values()
        awaited = [label for label, question in questions if question(row).exists()]
        return ", ".join(awaited) or "rien"

    @admin.display(description="et ensuite")
    def next_step(self, nomination: Nomination) -> str:
        rows = nomination.following.order_by("pk")
        is_over = nomination.state == NominationState.OVER
        same_post = rows.filter(convention=nomination.convention_id)
        following = (rows if is_over else same_post).first()
        if is_over and following is None:
            return "rien, la convention a pris fin"
        if following:
            url, label = self.record_url(following), f"Voir la suite : {following}"
        else:
            add = reverse("admin:accounts_nomination_add")
            url = f"{add}?convention={nomination.convention_id}"
            label = "Enregistrer la proposition d’un successeur"
        return format_html('<a href="{}">{}</a>', url, label)

    @admin.display(description="reconduit de")
    def carried_from(self, nomination: Any) -> str:
        """Link the nomination that goes on here (art. 13)."""
        previous = nomination.previous
        url, convention = self.record_url(previous), previous.convention
        return format_html('la <a href="{}">{}</a>', url, convention)

    @admin.display(description="compte")
    def account(self, nomination: Nomination) -> str:
        person = nomination.person
        if person is None:
            return "à fournir"
        url = reverse("admin:accounts_user_change", args=[person.pk])
        label = f"{person.identifier}, {person.get_state_display()}"
        link = format_html('<a href="{}">{}</a>', url, label)
        if not rights.may_close_account(nomination):
            return link
        closing = closing_page(person)
        return format_html('{} · <a href="{}">Fermer ce compte</a>', link, closing)

    @admin.display(description="compte")
    def account_code(self, nomination: Nomination) -> str:
        """Return identifier and state, unlinked: not all may view accounts."""
        person = nomination.person
        return f"{person.identifier}, {person.get_state_display()}" if person else "—"

    @admin.display(description="accord enregistré par")
    def accepted_name(self, nomination: Nomination) -> str:
        return str(nomination.accepted_by or "—")

    @admin.display(description="validation enregistrée par")
    def validated_name(self, nomination: Nomination) -> str:
        return str(nomination.validated_by or "—")

    @admin.display(description="changement notifié")
    def change_posting(self, nomination: Nomination) -> str:
        letter = nomination.change_letter
        posted = "pas encore : la lettre recommandée est à poster"
        if letter.posted_on:
            number, on = letter.registered_number, date_format(letter.posted_on)
            posted = f"recommandé n° {number}, posté le {on}"
        return format_html('<a href="{}">{}</a>', self.record_url(letter), posted)

    @admin.display(description="mise en fonction par")
    def office_name(self, nomination: Nomination) -> str:
        return str(nomination.office_by or "—")

    @admin.display(description="fin annoncée")
    def announced_end(self, nomination: Nomination) -> str:
        how = nomination.get_end_announced_as_display()
        on, by = nomination.end_announced_on, nomination.end_announced_by
        return f"{how}, le {date_format(on)} (enregistré par {by})" if on else "—"

    @admin.display(description="copie de la convention")
    def copy(self, nomination: Nomination) -> str:
        if nomination.copy_given_on is None:
            return "à remettre par le signataire de la structure"
        how = nomination.get_copy_channel_display()
        return f"remise le {date_format(nomination.copy_given_on)}, {how}"


def closing_page(account: User) -> str:
    return reverse("admin:accounts_user_action", args=[account.pk, "fermer"])


def what_leaves(person: User) -> str:
    is_new = person.role == Role.RGC and person.nominations.count() == 1
    if is_new:
        return "L’identifiant et le lien d’activation partent par deux courriels."
    return (
        f"{person} garde son compte {person.identifier} : aucun courriel ne part, le "
        "mot de passe et les seconds facteurs ne changent pas."
    )
