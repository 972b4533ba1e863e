import datetime as dt
from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.agreements import actions, documents, forms
from accounts.agreements.admin import filters
from accounts.agreements.admin.filters import (
    ROWS,
    OfConvention,
    button,
    for_admins,
    in_days,
    is_in,
    named_structure,
    rendered,
    show_paper,
)
from accounts.agreements.jobs import nominations
from accounts.agreements.models.amendments import Amendment, in_words
from accounts.agreements.models.articles import (
    AgreementDocument,
    ModelText,
    SignedCopy,
    blocks_of,
)
from accounts.agreements.models.conventions import (
    CONTACTS,
    IN_FORCE_STATES,
    RENEWABLE_STATES,
    SIGNATURES,
    Convention,
    ConventionState,
    Partnership,
)
from accounts.agreements.models.terminations import ONE_AT_A_TIME
from accounts.structures.filters import StructureFilter, TerritoryFilter
from accounts.structures.models import Structure
from accounts.users.models import User
from accounts.users.territory import agencies_of, within
from opus.lib.audit.journal import Action
from opus.lib.dates import date_format
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import AdminAction, ChangeForm, confirming, leads_to
from opus.lib.model_admin.staff_admin import NationalAdmin, StaffAdmin

model_text_button = partial(button, "accounts/agreements/admin/buttons/model_text.html")
convention_button = partial(button, "accounts/agreements/admin/buttons/convention.html")


class PartnershipForm(ChangeForm):
    def clean_ends_on(self) -> dt.date:
        """Refuse an end before a convention's (art. 13)."""
        ends_on: dt.date = self.cleaned_data["ends_on"]
        beyond = Convention.objects.exclude(
            state__in=(ConventionState.TERMINATED, ConventionState.ABANDONED)
        ).filter(parent=self.instance.pk, ends_on__gt=ends_on)
        names = ", ".join(
            f"n° {convention.number} ({convention.structure}, jusqu’au "
            f"{date_format(convention.ends_on)})"
            for convention in beyond.select_related("structure")
        )
        if names:
            raise ValidationError(
                f"Ces conventions d’application dureraient plus que leur convention "
                f"de partenariat (art. 13) : {names}. Enregistrez d’abord leur fin "
                "anticipée."
            )
        return ends_on


@admin.register(Partnership)
class PartnershipAdmin(StaffAdmin):
    form = PartnershipForm
    list_display = ("number", "partner", "ends_on", "count")
    suggested_by = ("number",)
    search_fields = ("number", "partner", "conventions__number")
    search_help_text = "Numéro, partenaire ou numéro de convention d’application."

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        agencies = agencies_of(user)
        if agencies is None:
            return queryset
        hanging = Convention.objects.filter(parent=OuterRef("pk"))
        theirs = hanging.filter(agency__in=agencies.values("pk"))
        return queryset.filter(Exists(theirs) | ~Exists(hanging))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(hanging=Count("conventions"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("number", "partner", "signed_on", "ends_on")
        return (*fields, "conventions") if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("conventions",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        structure = named_structure(self, request)
        given = super().get_changeform_initial_data(request)
        return {"partner": str(structure), **given} if structure else given

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Return to the convention for which it was recorded."""
        response = super().response_add(request, obj, *args)
        if structure := named_structure(self, request):
            query = urlencode({"structure": structure.pk, "parent": obj.pk})
            return redirect(f"{reverse('admin:accounts_convention_add')}?{query}")
        return response

    def suggested_name(self, instance: Partnership) -> str:
        return instance.partner

    @admin.display(description="conventions d’application")
    def count(self, partnership: Any) -> Any:
        return partnership.hanging

    conventions = rendered(
        "conventions",
        "conventions d’application",
        conventions=lambda row: row.conventions.select_related("structure"),
    )


TYPED = ("name", "legal_basis", "text")


class PublishedFilter(ChoiceFilter):
    title = "publication"
    parameter_name = "publication"
    options = {
        "publiee": ("publiée", lambda rows: rows.published()),
        "projet": ("projet", lambda rows: rows.filter(published_at=None)),
    }


@admin.register(ModelText)
class ModelTextAdmin(NationalAdmin):
    """A draft is edited here; a published version is final."""

    form = forms.ModelTextForm
    article: ClassVar[str] = "un"
    list_display = ("name", "published_at", "published_by")
    list_filter = (PublishedFilter,)
    list_select_related = ("published_by",)
    search_fields = ("name",)
    search_help_text = "Version."
    own_pages: ClassVar = {"read": ("<path:object_id>/lire/", "preview_view")}
    admin_actions = (
        model_text_button(
            "publier",
            "Publier",
            confirming(actions.publish),
            lambda model_text, user: not model_text.is_published,
            action=Action.ADMIN_CHANGED,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*TYPED, "preview", "published_at", "published_by") if obj else TYPED

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        shown = ("preview", "published_at", "published_by")
        return (*TYPED, *shown) if obj.is_published else shown

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        model_text = self.found(request, object_id)
        line = "Ce qui est entre crochets est remplacé dans chaque convention."
        html = render_to_string(
            "accounts/agreements/articles/preview.html",
            {
                "legal_basis": model_text.legal_basis.splitlines(),
                "blocks": blocks_of(model_text.text),
            },
        )
        return show_paper(self, request, model_text, html, line=line)

    preview = rendered("model_text", "aperçu")


def document_of(convention: Convention) -> AgreementDocument | None:
    rows = AgreementDocument.objects.filter(convention=convention)
    return rows.select_related("model_text").defer("content").first()


def text_of(convention: Convention) -> ModelText | None:
    """Return the text that a draft will be signed with."""
    is_draft = convention.state == ConventionState.DRAFT
    return convention.text_to_sign() if is_draft else None


def has_failed(convention: Any) -> bool:
    document = document_of(convention)
    return document is not None and document.has_failed


def contact_of(convention: Convention, side: str) -> list[str]:
    """Return the name, e-mail address and telephone of a correspondent."""
    terms = convention.terms
    names = (f"{side}_contact", f"{side}_contact_email", f"{side}_contact_phone")
    return list(filter(None, (getattr(terms, name) for name in names)))


def deadlines_of(convention: Convention) -> Iterable[tuple[str, dt.date | None, str]]:
    days: list[tuple[str, dt.date | None]] = []
    today = timezone.localdate()
    if convention.state == ConventionState.ABANDONED:
        days.append(("Projet abandonné", None))
    elif convention.state not in IN_FORCE_STATES:
        days.append(("Convention terminée", convention.ended_early_on))
    elif convention.starts_on > today:
        days.append(("Prend effet", convention.starts_on))
    if convention.state in IN_FORCE_STATES:
        label = (
            "Fin du préavis"
            if convention.state == ConventionState.NOTICE_PERIOD
            else "Fin de la convention"
        )
        days.append((label, convention.ends_on))
        days += list(succession_of(convention))
        if not convention.terms.partner_contact:
            days.append(("Responsable du suivi à désigner par un avenant", None))
    for amendment in convention.amendments.waiting():
        days.append((f"Avenant à confirmer (réf. {amendment.reference})", None))
    for amendment in convention.amendments.confirmed().filter(effective_on__gt=today):
        days.append((f"Avenant {amendment.reference}", amendment.effective_on))
    for ending in convention.endings.waiting():
        days.append(("Fin anticipée à confirmer", ending.ends_on))
    for breach in convention.breaches.live():
        days.append(
            (f"Manquements : {breach.get_state_display()}", breach.next_deadline)
        )
    if waiting := convention.letters.to_post().count():
        days.append((f"Lettres à poster : {waiting}", None))
    days.sort(key=lambda line: line[1] or dt.date.min)
    for label, day in days:
        yield label, day, in_days(day)


def succession_of(convention: Convention) -> Iterable[tuple[str, dt.date | None]]:
    """Return what follows, or does not yet (art. 13)."""
    if convention.starts_on > timezone.localdate():
        if not convention.has_rgc_on_its_first_day:
            yield "Aucun RGC pour son premier jour", convention.starts_on
    elif following := convention.following:
        yield f"Convention suivante, n° {following.number}", following.starts_on
        if not following.has_rgc_on_its_first_day:
            yield "Aucun RGC pour la convention suivante", following.starts_on
    elif renewal := convention.renewal:
        yield f"Renouvellement à signer, n° {renewal.number}", renewal.starts_on
    elif convention.is_to_renew:
        yield "Renouvellement à préparer", None


RENEW = "renouveler"
# Not in the class, where ``actions`` are those of its list.
DOCUMENT_ACTIONS = (
    convention_button(
        "document",
        "Préparer le document à signer",
        confirming(actions.prepare_document),
        for_admins(is_in([ConventionState.DRAFT])),
        action=Action.CONVENTION_CHANGED,
    ),
    convention_button(
        "exemplaire",
        "Joindre l’exemplaire signé",
        forms.SignedCopyForm,
        for_admins(lambda convention, user: convention.state != ConventionState.DRAFT),
        action=Action.CONVENTION_CHANGED,
    ),
    convention_button(
        "relancer",
        "Relancer l’impression du document",
        confirming(actions.print_again),
        for_admins(lambda convention, user: has_failed(convention)),
        action=Action.DOCUMENT_REMADE,
    ),
)
BUTTONS = (
    convention_button(
        "abandonner",
        "Abandonner le projet",
        confirming(actions.abandon),
        for_admins(leads_to(ConventionState.ABANDONED)),
        is_grave=True,
    ),
    convention_button(
        RENEW,
        "Renouveler",
        forms.RenewForm,
        is_in(RENEWABLE_STATES),
        why_not=lambda convention, user: actions.why_not_renew(convention),
    ),
)


@admin.action(description="Rappeler le renouvellement au RGC")
def remind_all(pages: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
    """Write to the RGC of each; show what was done, line by line."""
    if not pages.may_act(request):
        raise PermissionDenied
    by: Any = request.user
    context = {
        **pages.admin_site.each_context(request),
        "title": "Rappels de renouvellement",
        "opts": pages.opts,
        "list_url": pages.list_url(suite="a_preparer"),
        "lines": [
            (convention, pages.record_url(convention), sentence)
            for convention, sentence in actions.remind(chosen, by=by)
        ],
    }
    template = "accounts/agreements/admin/reminders.html"
    return TemplateResponse(request, template, context)


# The only field that stays editable once a convention is signed.
STAYS_OPEN = ("agency",)
ENDING_WAITS = (
    "Une fin anticipée de cette convention attend déjà d’être confirmée, ou abandonnée."
)


is_signed = is_in(IN_FORCE_STATES)


def may_be_ended(convention: Any, user: Any) -> bool:
    return is_signed(convention, user) and not convention.endings.waiting().exists()


def why_not_ended(convention: Any, user: Any) -> str:
    return ENDING_WAITS if convention.endings.waiting().exists() else ""


@admin.register(Convention)
class ConventionAdmin(StaffAdmin):
    form = forms.ConventionForm
    list_display = (
        *("number", "structure_link", "safir", "state", "ends_on"),
        *("services_granted", "seats", "rgc"),
    )
    list_filter = (
        "state",
        filters.EndingFilter,
        filters.RenewalFilter,
        filters.RgcFilter,
        filters.ReviewFilter,
        StructureFilter,
        TerritoryFilter,
    )
    structure_path = "structure"
    territory_paths = ("agency",)
    suggested_by = ("number",)
    list_select_related = ("structure", "agency", "renews")
    actions = (remind_all,)
    search_fields = (
        "number",
        "parent__number",
        "structure__name",
        "=agency__safir",
        "agency__name",
    )
    search_help_text = "Numéro, structure, agence ou code SAFIR."
    dossier = (
        part(None, "structure", "agency", "codes", "number", "state"),
        part("Échéances", "clock", "preview"),
        part("Document", "agreement", "scan", *SIGNATURES),
        part(
            "Dates",
            *("parent_line", "succession", "signed_by_ft_on"),
            *("signed_by_structure_on", "starts_on", "ends_on"),
        ),
        part("Annexe 1 : services en vigueur", "services_in_force"),
        part(
            "Annexe 2 : comptes et correspondants en vigueur",
            "seats",
            "rgc_history",
            "ft_line",
            "partner_line",
        ),
        part("Avenants", "amendments"),
        part("Fin anticipée et manquements", "ends", "breaches"),
        part("Lettres", "letters"),
        part("Suivi", "timeline"),
    )
    draft = (
        part(None, "structure", "agency", "number", "parent"),
        part("Dates prévues", "starts_on", "ends_on"),
        part("Annexe 1 : services", "signed_consultation", "signed_referrals"),
        part(
            "Annexe 2 : comptes et correspondants",
            "signed_quota",
            *(f"signed_{name}" for name in CONTACTS),
        ),
        part("Document et signatures", *SIGNATURES),
    )
    # What the page of a draft shows beside its fields.
    drafted = ("agreement", "preview")
    own_pages: ClassVar = {
        "document": ("<path:object_id>/texte/", "document_view"),
        "pdf": ("<path:object_id>/texte/pdf/", "document_file_view"),
        "signed_copy": ("<path:object_id>/exemplaire-signe/pdf/", "signed_copy_view"),
    }
    admin_actions = (
        *DOCUMENT_ACTIONS,
        convention_button(
            "signer",
            "Enregistrer la signature",
            forms.SignForm,
            for_admins(leads_to(ConventionState.SIGNED)),
            action=Action.CONVENTION_CHANGED,
        ),
        *BUTTONS,
        convention_button(
            "avenant", "Enregistrer un avenant", forms.AmendmentForm, is_signed
        ),
        convention_button(
            "fin",
            "Proposer une fin anticipée",
            forms.EndForm,
            may_be_ended,
            why_not=why_not_ended,
        ),
        convention_button(
            "fin-accord",
            "Enregistrer une fin d’un commun accord",
            forms.AgreedEndForm,
            may_be_ended,
            why_not=why_not_ended,
        ),
        convention_button(
            "manquement",
            "Notifier des manquements",
            forms.BreachForm,
            for_admins(
                lambda convention, user: (
                    is_signed(convention, user)
                    and not convention.breaches.live().exists()
                )
            ),
            is_grave=True,
            why_not=lambda convention, user: (
                ONE_AT_A_TIME if convention.breaches.live().exists() else ""
            ),
        ),
    )

    def may_act(self, request: HttpRequest) -> bool:
        may_propose = request.user.has_perm("accounts.add_amendment")
        return super().may_act(request) or may_propose

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(queryset, user, "agency", "structure__agency")

    def open_actions(self, request: HttpRequest, instance: Any) -> list[AdminAction]:
        """Leave *Renouveler* out once that is prepared; its address says why."""
        shown = super().open_actions(request, instance)
        if instance.renewal is None:
            return shown
        return [one for one in shown if one.slug != RENEW]

    def get_queryset(self, request: HttpRequest) -> Any:
        in_office = nominations().in_office().select_related("person")
        counted = (
            User.objects.counted()
            .filter(structure=OuterRef("structure"))
            .order_by()
            .values("structure")
            .annotate(count=Count("pk"))
            .values("count")
        )
        conventions: Any = super().get_queryset(request)
        return (
            conventions.with_terms()
            .annotate(taken=Coalesce(Subquery(counted), 0))
            .prefetch_related(Prefetch("nominations", in_office, to_attr="in_office"))
        )

    # --- Its document and its signed copy -----------------------------------------

    def document_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the frozen text; a draft's as its record says today."""
        convention = self.found(request, object_id)
        document = document_of(convention)
        if document and document.is_final:
            line = f"Telle que signée, {document.model_text}."
            return show_paper(self, request, convention, document.html, line=line)
        model_text = text_of(convention)
        if model_text is None:
            raise Http404
        html = documents.agreement_body(convention, model_text)
        line = f"Projet, {model_text} : d’après la fiche d’aujourd’hui."
        return show_paper(self, request, convention, html, line=line)

    def document_file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return documents.agreement_file(self.found(request, object_id))

    def signed_copy_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return documents.signed_copy_file(self.found(request, object_id))

    # --- Admin page ---------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.draft
        if obj.state == ConventionState.DRAFT:
            (_, first), *others = self.draft
            fields = ("structure", "agency", "number", "state", "parent", *self.drafted)
            renewal = part("Renouvellement", "succession", "seats", "keeps_rgc")
            others = [renewal, *others] if obj.renews_id else others
            return ((None, {**first, "fields": fields}), *others)
        return self.dossier

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        if obj.state == ConventionState.DRAFT:
            return ("structure", "state", *self.drafted, "succession", "seats")
        return tuple(
            name
            for _, options in self.dossier
            for name in options["fields"]
            if name not in STAYS_OPEN
        )

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "parent":
            pages: Any = self.admin_site.get_model_admin(Partnership)
            if pages.has_add_permission(request):
                add = reverse("admin:accounts_partnership_add")
                structure = request.GET.get("structure", "")
                kwargs["help_text"] = format_html(
                    '{} Elle n’est pas dans la liste\xa0? <a href="{}?{}">'
                    "Enregistrez-la d’abord</a>.",
                    pages.search_help_text,
                    add,
                    urlencode({"structure": structure}),
                )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose what the structure, the year and the reader say of a convention."""
        given = super().get_changeform_initial_data(request)
        structure = named_structure(self, request)
        if structure is None:
            return given
        user: Any = request.user
        function = f", {user.function}" if user.function else ""
        return {
            "number": Convention.objects.next_number(structure.postcode),
            "agency": structure.agency_id,
            "starts_on": timezone.localdate(),
            "signed_referrals": True,
            "signed_ft_contact": f"{user.get_full_name()}{function}",
            "signed_ft_contact_email": user.email,
            "signed_ft_contact_phone": user.phone,
            "signing_place": structure.city,
            **given,
        }

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """Return to the structure's page: its next step is the RGC."""
        super().response_add(request, obj, *args)
        pages: Any = self.admin_site.get_model_admin(Structure)
        return cast(HttpResponse, pages.stay(request, obj.structure))

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        if isinstance(result, Amendment) and result.is_waiting:
            who = "un administrateur" if result.is_an_agents else "une autre personne"
            self.message_user(
                request,
                f"Il ne compte pas encore : {who} doit le confirmer.",
                messages.WARNING,
            )
        if isinstance(result, Convention):
            return redirect(self.record_url(result))
        instance.refresh_from_db()
        if gap := render_to_string(f"{ROWS}#gap", {"row": instance}):
            self.message_user(request, gap, messages.WARNING)
        return super().respond(request, instance, result)

    def suggested_name(self, instance: Convention) -> str:
        return str(instance.structure)

    # --- Columns and rows ---------------------------------------------------------

    @admin.display(description="agence", ordering="agency")
    def safir(self, convention: Convention) -> str:
        return str(convention.agency_id)

    @admin.display(description="SAFIR / AURORE")
    def codes(self, convention: Convention) -> str:
        return f"{convention.agency.safir} / {convention.agency.aurore or '—'}"

    @admin.display(description="consultation / délégation")
    def services_granted(self, convention: Convention) -> str:
        terms = convention.terms
        return f"{in_words(terms.consultation)} / {in_words(terms.referrals)}"

    services_in_force = rendered("services", "services")

    @admin.display(description="comptes")
    def seats(self, convention: Any) -> str:
        return f"{convention.taken} sur {convention.quota}"

    agreement = rendered(
        "agreement",
        "document",
        document=document_of,
        model_text=text_of,
        today=lambda convention: (
            documents.agreement_body(convention, text)
            if (text := text_of(convention))
            else ""
        ),
    )
    scan = rendered(
        "scan",
        "exemplaire signé",
        copy=lambda convention: (
            SignedCopy.objects.filter(convention=convention)
            .defer("content")
            .select_related("added_by")
            .first()
        ),
    )
    rgc = rendered("rgc", "RGC")
    # The successive RGCs of a convention (art. 4.1).
    rgc_history = rendered(
        "rgc_history",
        "RGC successifs",
        nominations=lambda convention: convention.nominations.select_related(
            "person"
        ).order_by("proposed_on", "pk"),
    )
    parent_line = rendered("parent", "convention de partenariat")
    succession = rendered("succession", "renouvellement")
    ft_line = rendered(
        "contact",
        "correspondant France Travail",
        parts=lambda convention: contact_of(convention, "ft"),
    )
    partner_line = rendered(
        "contact",
        "responsable du suivi",
        parts=lambda convention: contact_of(convention, "partner"),
    )
    clock = rendered("deadlines", "ce qui vient", lines=deadlines_of)
    preview = rendered("preview", "aperçu")
    amendments = rendered(
        "amendments",
        "avant et après",
        amendments=lambda convention: convention.amendments.select_related(
            "convention"
        ),
    )
    ends = rendered("ends", "fins anticipées")
    breaches = rendered(
        "breaches",
        "manquements",
        breaches=lambda convention: [
            (breach, in_days(breach.next_deadline))
            for breach in convention.breaches.all()
        ],
    )
    letters = OfConvention.letters
