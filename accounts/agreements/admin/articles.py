"""Model texts, and the document pages of a convention."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from accounts.agreements import actions, documents
from accounts.agreements.admin.filters import for_admins, rendered
from accounts.agreements.forms import ModelTextForm, SignedCopyForm
from accounts.agreements.models.articles import (
    AgreementDocument,
    ModelText,
    SignedCopy,
    blocks_of,
)
from accounts.agreements.models.conventions import Convention, ConventionState
from opus.lib.audit.journal import Action
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.forms import AdminAction, confirming
from opus.lib.model_admin.staff_admin import NationalAdmin, StaffAdmin

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

    form = ModelTextForm
    article: ClassVar[str] = "un"
    list_display = ("name", "published_at", "published_by")
    list_filter = (PublishedFilter,)
    list_select_related = ("published_by",)
    search_fields = ("name",)
    search_help_text = "Version."
    own_pages: ClassVar = {"read": ("<path:object_id>/lire/", "preview_view")}
    admin_actions = (
        AdminAction(
            slug="publier",
            label="Publier",
            question="Les conventions en projet prennent cette version, sauf celles "
            "dont la fiche en désigne une autre. Ensuite, le texte ne change plus : "
            "une correction est une autre version.",
            done="La version est publiée.",
            form=confirming(actions.publish),
            is_open=lambda model_text, user: not model_text.is_published,
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
        return show(self, request, model_text, html, line)

    preview = rendered("model_text", "aperçu")


def document_of(convention: Convention) -> AgreementDocument | None:
    rows = AgreementDocument.objects.filter(convention=convention)
    return rows.select_related("model_text").defer("content").first()


def text_of(convention: Convention) -> ModelText | None:
    """Return the text that a draft will be signed with."""
    return convention.text_to_sign() if is_draft(convention) else None


def is_draft(convention: Any) -> bool:
    return bool(convention.state == ConventionState.DRAFT)


def has_failed(convention: Any) -> bool:
    document = document_of(convention)
    return document is not None and document.has_failed


DOCUMENT_ACTIONS = (
    AdminAction(
        slug="document",
        label="Préparer le document à signer",
        question="Opus écrit la convention et ses deux annexes d’après cette fiche et "
        "le texte modèle. Imprimez ce PDF, faites-le signer des deux parties, puis "
        "enregistrez la signature.",
        done="Le document est préparé : son PDF sera prêt dans un instant.",
        form=confirming(actions.prepare_document),
        is_open=for_admins(lambda convention, user: is_draft(convention)),
        action=Action.CONVENTION_CHANGED,
    ),
    AdminAction(
        slug="exemplaire",
        label="Joindre l’exemplaire signé",
        question="La convention signée des deux parties, numérisée. Le RGC de la "
        "structure la lit. Un nouveau fichier remplace le précédent.",
        done="L’exemplaire signé est joint.",
        form=SignedCopyForm,
        is_open=for_admins(lambda convention, user: not is_draft(convention)),
        action=Action.CONVENTION_CHANGED,
    ),
    AdminAction(
        slug="relancer",
        label="Relancer l’impression du document",
        question="Opus essaie de nouveau de fabriquer le PDF de cette convention.",
        done="L’impression est relancée.",
        form=confirming(actions.print_again),
        is_open=for_admins(lambda convention, user: has_failed(convention)),
        action=Action.DOCUMENT_REMADE,
    ),
)


class DocumentPages(StaffAdmin):
    """The document and the signed copy, on the convention's page."""

    own_pages: ClassVar = {
        "document": ("<path:object_id>/texte/", "document_view"),
        "pdf": ("<path:object_id>/texte/pdf/", "document_file_view"),
        "signed_copy": ("<path:object_id>/exemplaire-signe/pdf/", "signed_copy_view"),
    }

    def document_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the frozen text; a draft's as its record says today."""
        convention = self.found(request, object_id)
        document = document_of(convention)
        if document and document.is_final:
            line = f"Telle que signée, {document.model_text}."
            return show(self, request, convention, document.html, line)
        model_text = text_of(convention)
        if model_text is None:
            raise Http404
        html = documents.agreement_body(convention, model_text)
        line = f"Projet, {model_text} : d’après la fiche d’aujourd’hui."
        return show(self, request, convention, html, line)

    def document_file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return documents.agreement_file(self.found(request, object_id))

    def signed_copy_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return documents.signed_copy_file(self.found(request, object_id))

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


def show(
    pages: Any, request: HttpRequest, instance: Any, html: str, line: str
) -> HttpResponse:
    context = {
        **pages.context_about(request, instance),
        "title": pages.title_of(instance),
        "subtitle": "",
        "html": html,
        "line": line,
    }
    template = "accounts/agreements/articles/read.html"
    return TemplateResponse(request, template, context)
