"""The accounts, as France Travail's administrators see them (art. 4.2, S9, S23)."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts.models import FirstAccess, Role, TotpDevice, User, UserState
from accounts.models.users import COUNTED_STATES, PARTNER_ROLES
from accounts.scope import within
from opus.lib.audit import Action
from opus.lib.staff import SheetForm, StaffAdmin, Verb, VerbForm, leads_to

# The RGC opens the advisers' accounts, within the quota: staff do not (art. 4.2).
ROLES_GIVEN_HERE = (Role.RGC, Role.AGENT, Role.FT_ADMIN)


class UserForm(SheetForm):
    """Who somebody is. No password: only its holder ever chooses one (S9)."""

    also_checks = ("state", "role", "structure", "agency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            given = [(role.value, role.label) for role in ROLES_GIVEN_HERE]
            self.fields["role"].choices = [("", "---------"), *given]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        role = cleaned.get("role")
        if role == Role.RGC:
            cleaned["agency"] = None
            if not cleaned.get("structure"):
                self.add_error("structure", "Un RGC appartient à une structure.")
        elif role:
            cleaned["structure"] = None
            if role == Role.AGENT and not cleaned.get("agency"):
                self.add_error("agency", "Un agent appartient à une agence.")
        return cleaned


class SuspendForm(VerbForm):
    """Why the account sleeps."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("absence", "absence de plus de trois mois"),
            ("securite", "doute sur la sécurité du compte"),
            ("demande", "demande de la structure"),
        ],
    )

    def save(self, *, by: User) -> None:
        self.instance.suspend(by=by, reason=self.cleaned_data["reason"])

    def told(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class ReactivateForm(VerbForm):
    def save(self, *, by: User) -> None:
        self.instance.reactivate(by=by)


class CloseForm(VerbForm):
    """Why the account ends."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("depart", "départ de la personne"),
            ("fonction", "changement de fonction"),
            ("securite", "doute sur la sécurité du compte"),
        ],
    )

    def save(self, *, by: User) -> None:
        self.instance.close(by=by, reason=self.cleaned_data["reason"])

    def told(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class FirstAccessForm(VerbForm):
    """A new single-use secret, in place of the earlier one."""

    def save(self, *, by: User) -> tuple[FirstAccess, str]:
        return FirstAccess.draw(self.instance, by=by)


def is_other(instance: User, user: User) -> bool:
    """Nobody suspends or closes his own account."""
    return instance.pk != user.pk


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Accounts of partners and staff: sheets, states, first accesses."""

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
    list_filter = ("role", "state")
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
    tells_reads = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "role",
                    "structure",
                    "agency",
                    ("first_name", "last_name"),
                    "email",
                    "phone",
                    "function",
                )
            },
        ),
        (
            "Accès",
            {
                "fields": (
                    "identifier",
                    "state",
                    "has_factor",
                    "first_access",
                    "last_login",
                    "created_at",
                )
            },
        ),
        ("Suivi", {"fields": ("timeline",)}),
    )
    verbs = (
        Verb(
            slug="suspendre",
            label="Suspendre",
            question="La personne ne peut plus se connecter et ses sessions se "
            "ferment aussitôt. Sa place se libère. Le compte pourra être réactivé.",
            done="Le compte est suspendu.",
            form=SuspendForm,
            is_open=lambda account, user: (
                is_other(account, user) and account.can_move_to(UserState.SUSPENDED)
            ),
            action=Action.ACCOUNT_SUSPENDED,
        ),
        Verb(
            slug="reactiver",
            label="Réactiver",
            question="La personne pourra de nouveau se connecter. Un compte de "
            "conseiller reprend une place de l’annexe 2.",
            done="Le compte est réactivé.",
            form=ReactivateForm,
            is_open=lambda account, user: account.state == UserState.SUSPENDED,
            action=Action.ACCOUNT_REACTIVATED,
        ),
        Verb(
            slug="premier-acces",
            label="Donner un nouveau premier accès",
            question="Opus tire un secret à usage unique, valable 72 heures, et le "
            "montre une seule fois, sur une fiche à imprimer. Vérifiez d’abord "
            "l’identité de la personne.",
            done="Un nouveau secret est prêt.",
            form=FirstAccessForm,
            is_open=lambda account, user: (
                account.role in ROLES_GIVEN_HERE
                and account.state in COUNTED_STATES
                and is_other(account, user)
            ),
            action=Action.FIRST_ACCESS_RENEWED,
        ),
        Verb(
            slug="fermer",
            label="Fermer",
            question="Le compte se ferme pour toujours : son identifiant ne sera "
            "jamais donné à une autre personne. Son historique est conservé.",
            done="Le compte est fermé.",
            form=CloseForm,
            is_open=lambda account, user: (
                is_other(account, user) and leads_to(UserState.CLOSED)(account, user)
            ),
            action=Action.ACCOUNT_CLOSED,
            is_grave=True,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(queryset, user, "structure__agency", "agency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        devices = TotpDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).annotate(is_enrolled=Exists(devices))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if not obj:
            return ()
        return (
            "role",
            "structure",
            "agency",
            "identifier",
            "state",
            "has_factor",
            "first_access",
            "last_login",
            "created_at",
            "timeline",
        )

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        """Opus draws the identifier and the first secret of a new account."""
        if not change:
            obj.identifier = User.objects.draw_identifier()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            obj.drawn = FirstAccess.draw(obj, by=cast("User", request.user))

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        return self.slip(request, obj, *obj.drawn)

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if result:
            return self.slip(request, instance, *result)
        return super().respond(request, instance, result)

    def slip(
        self, request: HttpRequest, account: User, access: FirstAccess, secret: str
    ) -> HttpResponse:
        """The one page that ever shows the secret: nothing keeps it (S9)."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Fiche de premier accès",
            "subtitle": str(account),
            "opts": self.opts,
            "account": account,
            "access": access,
            "secret": secret,
            "sheet_url": self.sheet_url(account),
        }
        return TemplateResponse(request, "admin/slip.html", context)

    @admin.display(description="nom", ordering="last_name")
    def name(self, account: User) -> str:
        return f"{account.last_name} {account.first_name}"

    @admin.display(description="structure ou agence")
    def employer(self, account: User) -> str:
        if account.role in PARTNER_ROLES:
            return str(account.structure)
        return str(account.agency or "national")

    @admin.display(description="second facteur", boolean=True)
    def has_factor(self, account: Any) -> bool:
        return bool(account.is_enrolled)

    @admin.display(description="premier accès")
    def first_access(self, account: User) -> str:
        usable = account.first_accesses.usable().first()
        if usable is None:
            return "aucun en attente"
        return f"en attente, jusqu’au {usable.expires_at:%d/%m/%Y %H:%M}"
