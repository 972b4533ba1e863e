from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from accounts.agreements import forms
from accounts.agreements.admin import filters, renewals
from accounts.agreements.admin.amendments import amendments_table, preview_link
from accounts.agreements.admin.breaches import deadline_of
from accounts.agreements.admin.of_convention import for_admins, links_to
from accounts.agreements.admin.timelines import deadlines_of, history_of, joined
from accounts.agreements.articles.admin import DOCUMENT_ACTIONS, DocumentPages
from accounts.agreements.enums import IN_FORCE_STATES, ConventionState
from accounts.agreements.jobs import nominations
from accounts.agreements.models.amendments import Amendment, in_words
from accounts.agreements.models.breaches import ONE_AT_A_TIME
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.signatures import SIGNATURES
from accounts.structures.structure_filter import StructureFilter
from accounts.structures.territory_filter import TerritoryFilter
from accounts.users.models.users import User
from accounts.users.territory import within
from opus.lib.audit.journal import Action
from opus.lib.dates import date_format
from opus.lib.model_admin.admin_actions import AdminAction, leads_to
from opus.lib.model_admin.formatting import bullets, part

# The only field that stays editable once a convention is signed.
STAYS_OPEN = ("agency",)
ENDING_WAITS = (
    "Une fin anticipée de cette convention attend déjà d’être confirmée, ou abandonnée."
)


def is_signed(convention: Any, user: Any) -> bool:
    return convention.state in IN_FORCE_STATES


def may_be_ended(convention: Any, user: Any) -> bool:
    return is_signed(convention, user) and not convention.endings.waiting().exists()


def why_not_ended(convention: Any, user: Any) -> str:
    return ENDING_WAITS if convention.endings.waiting().exists() else ""


@admin.register(Convention)
class ConventionAdmin(DocumentPages):
    form = forms.ConventionForm
    list_display = (
        "number",
        "structure_link",
        "safir",
        "state",
        "ends_on",
        "services_granted",
        "seats",
        "rgc",
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
    actions = (renewals.remind_all,)
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
            "parent_line",
            "succession",
            "signed_by_ft_on",
            "signed_by_structure_on",
            "starts_on",
            "ends_on",
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
            "signed_ft_contact",
            "signed_ft_contact_email",
            "signed_ft_contact_phone",
            "signed_partner_contact",
            "signed_partner_contact_email",
            "signed_partner_contact_phone",
        ),
        part("Document et signatures", *SIGNATURES),
    )
    # What the page of a draft shows beside its fields.
    drafted = ("agreement", "preview")
    admin_actions = (
        *DOCUMENT_ACTIONS,
        AdminAction(
            slug="signer",
            label="Enregistrer la signature",
            question="La convention est signée des deux parties. À sa date d’effet, "
            "la structure accède aux services de l’annexe 1. Ensuite, elle ne change "
            "plus que par avenant.",
            done="La convention est signée.",
            form=forms.SignForm,
            is_open=for_admins(leads_to(ConventionState.SIGNED)),
            action=Action.CONVENTION_CHANGED,
        ),
        *renewals.BUTTONS,
        AdminAction(
            slug="avenant",
            label="Enregistrer un avenant",
            question="Le directeur régional a notifié par écrit une modification "
            "(art. 5.2). Ne remplissez que ce qui change.",
            done="L’avenant est enregistré.",
            form=forms.AmendmentForm,
            is_open=is_signed,
        ),
        AdminAction(
            slug="fin",
            label="Proposer une fin anticipée",
            question="La convention prendra fin avant son terme (art. 12), quand une "
            "autre personne l’aura confirmé. La structure garde ses accès jusqu’au "
            "dernier jour que vous indiquez.",
            done="La fin anticipée est proposée : une autre personne doit la "
            "confirmer.",
            form=forms.EndForm,
            is_open=may_be_ended,
            why_not=why_not_ended,
        ),
        AdminAction(
            slug="fin-accord",
            label="Enregistrer une fin d’un commun accord",
            question="Les deux parties ont signé un accord : la convention prendra fin "
            "le jour qu’elles ont choisi, quand une autre personne l’aura confirmé. "
            "L’article 12 n’y met pas de préavis. La lettre qui le constate se prépare "
            "à la confirmation.",
            done="La fin d’un commun accord est proposée : une autre personne doit la "
            "confirmer.",
            form=forms.AgreedEndForm,
            is_open=may_be_ended,
            why_not=why_not_ended,
        ),
        AdminAction(
            slug="manquement",
            label="Notifier des manquements",
            question="La structure ne respecte pas ses obligations, ou une condition "
            "de la loi ou des règlements est devenue caduque (art. 12). Une autre "
            "personne signe ; Opus prépare alors la lettre recommandée. Le mois dont "
            "la structure dispose pour répondre court de la présentation de cette "
            "lettre.",
            done="Le dossier est ouvert : une autre personne doit le signer.",
            form=forms.BreachForm,
            is_open=for_admins(
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
        if not renewals.is_prepared(instance):
            return shown
        return [one for one in shown if one.slug != renewals.RENEW]

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
            kwargs["form_class"] = forms.PartnershipField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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
        if gap := renewals.gap_said(instance):
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

    @admin.display(description="services")
    def services_in_force(self, convention: Convention) -> str:
        terms = convention.terms
        return format_html(
            "Consultation des offres : <strong>{}</strong> · Délégation de la mise en "
            "relation : <strong>{}</strong>",
            in_words(terms.consultation),
            in_words(terms.referrals),
        )

    @admin.display(description="comptes")
    def seats(self, convention: Any) -> str:
        return f"{convention.taken} sur {convention.quota}"

    @admin.display(description="RGC")
    def rgc(self, convention: Any) -> str:
        url = reverse("admin:accounts_nomination_changelist")
        if not convention.in_office:
            label = "vacant" if convention.is_in_force() else "—"
        else:
            label = str(convention.in_office[0].person)
        return format_html(
            '<a href="{}?convention__id__exact={}">{}</a>', url, convention.pk, label
        )

    @admin.display(description="RGC successifs")
    def rgc_history(self, convention: Convention) -> str:
        return history_of(convention)

    @admin.display(description="convention de partenariat")
    def parent_line(self, convention: Convention) -> str:
        parent = convention.parent
        url = reverse("admin:accounts_partnership_change", args=[parent.pk])
        return format_html(
            '<a href="{}">{}</a>, jusqu’au {}', url, parent, date_format(parent.ends_on)
        )

    @admin.display(description="renouvellement")
    def succession(self, convention: Convention) -> str:
        lines = links(renewals.lines_of(convention))
        return format_html("{}{}", lines, renewals.gap_said(convention))

    @admin.display(description="correspondant France Travail")
    def ft_line(self, convention: Convention) -> str:
        terms = convention.terms
        return joined(terms.ft_contact, terms.ft_contact_email, terms.ft_contact_phone)

    @admin.display(description="responsable du suivi")
    def partner_line(self, convention: Convention) -> str:
        terms = convention.terms
        return joined(
            terms.partner_contact,
            terms.partner_contact_email,
            terms.partner_contact_phone,
        )

    @admin.display(description="ce qui vient")
    def clock(self, convention: Convention) -> str:
        context = {"lines": list(deadlines_of(convention))}
        return render_to_string("accounts/agreements/admin/deadlines.html", context)

    @admin.display(description="aperçu")
    def preview(self, convention: Convention) -> str:
        return preview_link(convention.pk)

    @admin.display(description="avant et après")
    def amendments(self, convention: Convention) -> str:
        rows = convention.amendments.select_related("convention")
        return amendments_table(rows)

    @admin.display(description="fins anticipées")
    def ends(self, convention: Convention) -> str:
        rows = convention.endings.all()
        return links((row, str(row), row.get_state_display()) for row in rows)

    @admin.display(description="manquements")
    def breaches(self, convention: Convention) -> str:
        lines = []
        for breach in convention.breaches.all():
            deadline = deadline_of(breach) if breach.next_deadline else ""
            state = joined(breach.get_state_display(), deadline)
            lines.append((breach, f"Dossier n° {breach.pk}", state))
        return links(lines)

    @admin.display(description="lettres")
    def letters(self, convention: Convention) -> str:
        rows = convention.letters.defer("html", "content").select_related("convention")
        return links_to(rows)


def links(rows: Iterable[tuple[Model, str, str]]) -> str:
    lines = [
        (
            reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk]),
            *words,
        )
        for row, *words in rows
    ]
    return bullets('<a href="{}">{}</a> : {}', lines, empty="—")
