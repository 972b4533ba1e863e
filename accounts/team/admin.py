from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from accounts.agreements.admin.filters import OfConvention, rendered
from accounts.signin import factors, sessions
from accounts.signin.access import step_up
from accounts.signin.factors import seen_from
from accounts.signin.models import FactorReset, LossReason
from accounts.structures.filters import StructureFilter, TerritoryFilter
from accounts.team import actions, quarterly_reviews
from accounts.team.models import TeamReview
from accounts.users import actions as account_opening
from accounts.users import enums
from accounts.users.account_texts import history_of
from accounts.users.enums import Role, UserState
from accounts.users.models import IdentityCheck, User
from accounts.users.refusals import validate_personal
from accounts.users.territory import within
from opus.lib.database.name_order import ByName
from opus.lib.database.states import MoveRefused
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import (
    AdminAction,
    AdminActionForm,
    ChangeForm,
    confirming,
)
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin, StaffAdmin
from opus.lib.privacy.models import CorrectionReason
from opus.lib.privacy.privacy_notices import PrivacyNotice

ROWS = "accounts/team/admin/rows.html"


def reset_of(account: User) -> FactorReset | None:
    return account.factor_resets.open().select_related("account", "asked_by").first()


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
        and factors.may_reset(account, by=user)
        and bool(account.factors)
        and reset_of(account) is None
    )


def under_way(account: User, user: Any) -> FactorReset | None:
    reset = reset_of(account)
    return reset if reset and factors.may_go_on(reset, by=user) else None


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
            factors.request_reset,
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
        form=on_reset(factors.confirm),
        is_open=may_confirm,
    ),
    AdminAction(
        slug="remettre-a-zero",
        label="Remettre à zéro les seconds facteurs",
        question="Les seconds facteurs, les codes de secours et le mot de passe ne "
        "serviront plus, et les sessions se ferment. Une fiche de premier accès "
        "s’affiche une seule fois : soyez prêt à l’imprimer.",
        done="Les seconds facteurs sont remis à zéro.",
        form=on_reset(factors.finish),
        is_open=may_finish,
        is_grave=True,
    ),
    AdminAction(
        slug="annuler-la-remise-a-zero",
        label="Annuler la remise à zéro",
        question="La demande est annulée : rien ne change pour la personne.",
        done="La demande est annulée.",
        form=on_reset(factors.stop),
        is_open=lambda account, user: under_way(account, user) is not None,
    ),
)


class UserForm(ChangeForm):
    """An account without password: only its holder chooses one (S9)."""

    privacy_notice = PrivacyNotice.ACCOUNTS

    also_checks = ("state", "role", "structure", "agency")
    reason = forms.ChoiceField(
        label="Motif de la rectification",
        choices=CorrectionReason,
        initial=CorrectionReason.MISTAKE,
        help_text="Vérifiez d’abord l’identité de qui le demande (art. 10). Ce qui "
        "était écrit est conservé. La personne et ceux qui ont reçu ces données en "
        "sont avertis.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            del self.fields["reason"]
        if "role" in self.fields:
            # Partners' accounts are opened elsewhere: by the RGC for advisers, by a
            # nomination for an RGC (art. 4.1, 4.2).
            given = [(role.value, role.label) for role in enums.STAFF_ROLES]
            self.fields["role"].choices = [("", "- Choisir une option -"), *given]  # type: ignore[attr-defined]
        self.fields["email"].validators.append(validate_personal)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if role := cleaned.get("role"):
            agency = cleaned.get("agency")
            if role == Role.AGENT and not agency:
                self.add_error("agency", "Un agent appartient à une agence.")
            elif sentence := account_opening.why_not_open(
                User(role=role, agency=agency), self.by
            ):
                self.add_error("agency", sentence)
        return cleaned


def is_other(instance: User, user: User) -> bool:
    return instance.pk != user.pk


class ResetFilter(ChoiceFilter):
    title = "second facteur"
    parameter_name = "remise"
    options = {
        "a-confirmer": (
            "remise à zéro à confirmer",
            lambda rows: rows.filter(
                pk__in=FactorReset.objects.to_confirm().values("account")
            ),
        )
    }


@admin.register(User)
class UserAdmin(StaffAdmin):
    """``referrals.admin`` adds the closing button, which needs the acts."""

    form = UserForm
    list_display = (
        "name",
        "identifier",
        "role",
        "employer",
        "state",
        "last_login",
        "has_factor",
    )
    article = "un"
    list_filter = ("role", "state", ResetFilter, StructureFilter, TerritoryFilter)
    structure_path = "structure"
    territory_paths = ("structure__agency", "agency")
    list_select_related = ("structure", "agency")
    search_fields = (
        "identifier",
        "last_name",
        "first_name",
        "email",
        "structure__name",
        "=agency__safir",
    )
    search_help_text = "Nom, identifiant, adresse, structure ou code SAFIR."
    records_reads = True
    journal_name = "identifier"
    fieldsets = (
        part(
            None,
            "role",
            "structure",
            "agency",
            ("first_name", "last_name"),
            "email",
            "phone",
            "function",
            "reason",
        ),
        part(
            "Accès",
            "identifier",
            "state",
            "has_factor",
            "factor_reset",
            "first_access",
            "last_login",
            "created_at",
        ),
        part("Suivi", "timeline"),
    )
    admin_actions: ClassVar[tuple[AdminAction, ...]] = (
        AdminAction(
            slug="suspendre",
            label="Suspendre le compte",
            question="La personne ne peut plus se connecter et ses sessions se "
            "ferment aussitôt. Sa place se libère. Le compte pourra être réactivé.",
            done="Le compte est suspendu.",
            form=confirming(
                actions.suspend_account,
                reason=forms.ChoiceField(label="Motif", choices=enums.SuspensionReason),
            ),
            is_open=lambda account, user: (
                is_other(account, user) and account.can_move_to(UserState.SUSPENDED)
            ),
        ),
        AdminAction(
            slug="reactiver",
            label="Réactiver le compte",
            question="La personne pourra de nouveau se connecter. Un compte de "
            "conseiller reprend une place de l’annexe 2.",
            done="Le compte est réactivé.",
            form=confirming(actions.reactivate_account),
            is_open=lambda account, user: account.state == UserState.SUSPENDED,
        ),
        AdminAction(
            slug="fermer-sessions",
            label="Fermer les sessions",
            question="La personne est déconnectée de tous ses appareils dès leur "
            "prochaine action. Elle peut se reconnecter : pour l’en empêcher, "
            "suspendez le compte.",
            done="Les sessions du compte sont fermées.",
            form=confirming(sessions.close_all),
            is_open=lambda account, user: is_other(account, user) and account.is_active,
        ),
        AdminAction(
            slug="lien-activation",
            label="Envoyer un nouveau lien d’activation",
            question="Un lien à usage unique, valable 72 heures, part à l’adresse de "
            "la fiche ; il remplace les précédents et sert à choisir un mot de passe. "
            "Vérifiez d’abord que la demande vient bien de cette personne. Un courriel "
            "l’annonce à toutes ses adresses récentes. Le second facteur lui reste "
            "demandé.",
            done="Un nouveau lien d’activation part par courriel.",
            form=confirming(actions.send_link, check_done=identity_field()),
            is_open=lambda account, user: (
                account.role in account_opening.ROLES_OPENED_HERE
                and account.state in enums.COUNTED_STATES
                and is_other(account, user)
            ),
        ),
        *VERBS,
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(queryset, user, "structure__agency", "agency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return cast(Any, super().get_queryset(request)).with_factor()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj:
            return self.fieldsets
        not_yet = {"structure", "reason"}
        fields = self.fieldsets[0][1]["fields"]
        return ((None, {"fields": [name for name in fields if name not in not_yet]}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not obj:
            return ()
        access = self.fieldsets[1][1]["fields"]
        return ("role", "structure", "agency", *access, "timeline")

    def add_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return step_up(super().add_view)(request, *args, **kwargs)

    def action_view(self, request: Any, object_id: str, slug: str) -> HttpResponse:
        return step_up(super().action_view)(request, object_id, slug)

    def change_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Require the factor for a change, not for reading (S17)."""
        view = super().change_view
        if request.method == "POST":
            view = step_up(view)
        return view(request, *args, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: Any) -> None:
        """Open the account, or keep its history (V14)."""
        if not change:
            account_opening.open_account(obj, by=request.user)
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        changes["reason"] = form.cleaned_data["reason"]
        actions.change_account_by_staff(
            obj, by=request.user, **changes, **seen_from(request)
        )

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Do nothing: the action already wrote the audit entry."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Do nothing: the action already wrote the audit entry."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        self.message_user(
            request,
            f"Le compte {obj.identifier} est ouvert : l’identifiant et le lien "
            "d’activation partent par deux courriels.",
            messages.SUCCESS,
        )
        return redirect(self.record_url(obj))

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        """After a factor reset, show the first access's slip (S10)."""
        if result and isinstance(result, str):
            return self.slip(request, instance, result)
        return super().respond(request, instance, result)

    def slip(self, request: HttpRequest, account: User, secret: str) -> HttpResponse:
        """Show the secret here only: nothing stores it (S9)."""
        access = account.first_accesses.usable().get()
        context = {
            **self.admin_site.each_context(request),
            "title": "Fiche de premier accès",
            "subtitle": str(account),
            "opts": self.opts,
            "account": account,
            "access": access,
            "secret": secret,
            "record_url": self.record_url(account),
        }
        return TemplateResponse(request, "accounts/team/admin/slip.html", context)

    @admin.display(description="historique")
    def timeline(self, instance: User) -> str:
        return render_to_string("admin/timeline.html", {"lines": history_of(instance)})

    @admin.display(description="nom", ordering=ByName("last_name"))
    def name(self, account: User) -> str:
        return f"{account.last_name} {account.first_name}"

    @admin.display(description="structure ou agence")
    def employer(self, account: User) -> str:
        if account.role in enums.PARTNER_ROLES:
            return self.structure_link(account)
        return str(account.agency or "national")

    @admin.display(description="second facteur", boolean=True)
    def has_factor(self, account: Any) -> bool:
        return bool(account.has_factor)

    factor_reset = rendered(
        "factor_reset", "remise à zéro des facteurs", ROWS, reset=reset_of
    )
    first_access = rendered(
        "first_access",
        "premier accès",
        ROWS,
        access=lambda account: account.first_accesses.usable().first(),
    )


class SilenceFilter(ChoiceFilter):
    title = "réponse"
    parameter_name = "reponse"
    options = {
        "retard": ("sans réponse depuis 3 semaines", lambda rows: rows.overdue()),
        "attente": ("attendue", lambda rows: rows.waiting()),
    }


@admin.register(TeamReview)
class TeamReviewAdmin(OfConvention, ReadOnlyAdmin):
    list_display = ("due_on", "structure", "convention", "answered_at", "escalated_at")
    list_filter = (SilenceFilter, *OfConvention.list_filter)
    records_reads = True
    fields = (
        "structure",
        "convention",
        "due_on",
        "answered_at",
        "answered_by",
        "escalated_at",
        "people",
    )

    people = rendered(
        "people",
        "personnes",
        ROWS,
        question=lambda review: quarterly_reviews.question(review.convention),
        answers=lambda review: review.answers.select_related("account"),
    )
