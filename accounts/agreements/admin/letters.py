"""Letters: read, print, post, cancel (art. 4.1, 4.3, 5.2, 12)."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.agreements import letters
from accounts.agreements.admin.filters import OfConvention, button, rendered, show_paper
from accounts.agreements.forms import SignatoryForm
from accounts.agreements.models.letters import (
    NUMBER_IS_TAKEN,
    Carrier,
    Letter,
    clean_registered_number,
)
from accounts.users.models import User
from opus.lib.background_files import FileState
from opus.lib.forms.base import Form, as_uuid, day_field
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import AdminActionForm, confirming
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin
from opus.lib.web import pdf_file

# As many as a page of the register has, the oldest first.
MOST_LETTERS = 50
PREFIX = "lettre-"
TWICE = "Ce numéro est aussi celui d’une autre ligne : vérifiez le bordereau."


class PostingsForm(Form):
    """One number a letter; a line left empty waits."""

    carrier = forms.ChoiceField(
        label="Format des numéros", choices=Carrier, initial=Carrier.LA_POSTE
    )
    on = day_field("Postées le")

    def __init__(self, *args: Any, rows: Iterable[Letter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters = list(rows)
        for letter in self.letters:
            self.fields[name_of(letter)] = forms.CharField(
                label=f"N° de recommandé de la {letter}",
                required=False,
                max_length=40,
                widget=forms.TextInput(
                    attrs={"autocomplete": "off", "spellcheck": "false", "size": 20}
                ),
            )
        self.recorded: set[UUID] = set()

    @property
    def lines(self) -> list[tuple[Letter, forms.BoundField]]:
        """Return the letters that still wait, each with its box."""
        waiting = (one for one in self.letters if one.pk not in self.recorded)
        return [(letter, self[name_of(letter)]) for letter in waiting]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "carrier" not in cleaned:
            return cleaned
        for letter in self.letters:
            check_number(self, name_of(letter))
        # No lines share a number, nor have another letter's.
        numbers = self.numbers
        others = Letter.objects.filter(registered_number__in=numbers.values())
        known = dict(others.values_list("registered_number", "pk"))
        typed = list(numbers.values())
        for letter, number in numbers.items():
            if typed.count(number) > 1:
                self.add_error(name_of(letter), TWICE)
            elif known.get(number, letter.pk) != letter.pk:
                self.add_error(name_of(letter), NUMBER_IS_TAKEN)
        return cleaned

    @property
    def numbers(self) -> dict[Letter, str]:
        """Return the numbers typed without a fault."""
        typed = ((one, self.cleaned_data.get(name_of(one))) for one in self.letters)
        return {letter: number for letter, number in typed if number}

    def save(self, *, by: User) -> int:
        """Record the lines without a fault, the others aside; return how many."""
        if not {"carrier", "on"} <= self.cleaned_data.keys():
            return 0
        numbers = self.numbers
        refusals = letters.record_postings(
            numbers,
            by=by,
            carrier=self.cleaned_data["carrier"],
            on=self.cleaned_data["on"],
        )
        for letter in numbers:
            if refusal := refusals.get(letter.pk):
                self.add_error(name_of(letter), refusal)
            else:
                self.recorded.add(letter.pk)
        return len(self.recorded)


def name_of(letter: Letter) -> str:
    return f"{PREFIX}{letter.pk}"


def keys_of(texts: Iterable[str]) -> list[UUID]:
    return [key for key in map(as_uuid, texts) if key]


def check_number(form: Form, name: str) -> None:
    """Write a typed number in capitals and digits, by the format chosen beside it."""
    typed = form.cleaned_data
    if typed.get(name) and "carrier" in typed:
        try:
            typed[name] = clean_registered_number(typed[name], typed["carrier"])
        except ValidationError as error:
            form.add_error(name, error)


letter_button = partial(button, "accounts/agreements/admin/buttons/letter.html")


class PostForm(AdminActionForm):
    act = letters.record_posting

    carrier = forms.ChoiceField(
        label="Format du numéro", choices=Carrier, initial=Carrier.LA_POSTE
    )
    registered_number = forms.CharField(label="N° de recommandé", max_length=40)
    on = day_field("Postée le")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_number(self, "registered_number")
        return cleaned


class PostingFilter(ChoiceFilter):
    title = "envoi"
    parameter_name = "envoi"
    options = {
        "a-poster": ("à poster", lambda rows: rows.to_post()),
        "postee": ("postée", lambda rows: rows.filter(posted_on__isnull=False)),
    }


@admin.register(Letter)
class LetterAdmin(OfConvention, ReadOnlyAdmin):
    list_display = (
        "number",
        "kind",
        "structure",
        "created_at",
        "status",
        "registered_number",
    )
    list_filter = (PostingFilter, "kind", "state", *OfConvention.list_filter)
    search_fields = (*OfConvention.search_fields, "=registered_number")
    search_help_text = "Convention, structure, n° de recommandé ou code SAFIR."
    actions: Any = ("type_numbers",)
    change_list_template = "accounts/agreements/admin/letters.html"
    own_pages: ClassVar = {
        "postings": ("envois/", "postings_view"),
        "read": ("<path:object_id>/lire/", "read_view"),
        "pdf": ("<path:object_id>/pdf/", "pdf_view"),
    }
    # The letter may name the RGC.
    records_reads = True
    journal_name = Concat(
        "convention__number",
        Value("/L"),
        Cast("rank", TextField()),
        output_field=TextField(),
    )
    fieldsets = (
        part(None, "number", "kind", "status", "files"),
        part("Convention", "convention", "structure", "lines"),
        part("Envoi", "carrier", "registered_number", "posted_on", "received_on"),
        part("Suivi", "created_at", "made_by", "failure", "attempts"),
    )
    admin_actions = (
        letter_button(
            "poster",
            "Enregistrer l’envoi",
            PostForm,
            lambda letter, user: letter.is_ready and not letter.received_on,
        ),
        letter_button(
            "presenter",
            "Enregistrer l’avis de réception",
            confirming(
                letters.record_receipt,
                on=day_field(
                    "Présentée le",
                    help_text="Date de première présentation, portée sur l’avis de "
                    "réception.",
                ),
            ),
            lambda letter, user: letter.is_posted,
        ),
        letter_button(
            "relancer",
            "Relancer l’impression",
            confirming(letters.print_again),
            lambda letter, user: letter.has_failed,
        ),
        letter_button(
            "annuler",
            "Annuler la lettre",
            confirming(letters.cancel),
            lambda letter, user: not (letter.is_posted or letter.is_void),
            is_grave=True,
        ),
        letter_button(
            "refaire",
            "Préparer de nouveau",
            confirming(letters.prepare_again, SignatoryForm),
            lambda letter, user: letters.may_be_prepared_again(letter),
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"may_post": self.may_act(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("html", "content")

    def read_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.show(request, self.found(request, object_id))

    def pdf_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Return the PDF; else the text (202 or 409)."""
        letter = self.found(request, object_id)
        if letter.content is None:
            return self.show(request, letter, 202 if letter.is_unfinished else 409)
        return pdf_file(letter.content, f"{letter.number.replace('/', '-')}.pdf")

    @admin.action(description="Saisir les n° de recommandé")
    def type_numbers(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
        query = urlencode(
            [("lettre", pk) for pk in chosen.values_list("pk", flat=True)]
        )
        return redirect(f"{reverse('admin:accounts_letter_postings')}?{query}")

    def postings_view(self, request: HttpRequest) -> HttpResponse:
        """Record many postings: what is right is kept, the rest stays typed."""
        if not self.may_act(request):
            raise PermissionDenied
        user: Any = request.user
        rows = self.get_queryset(request).select_related("convention__structure")
        if request.method == "POST":
            # Those of the sent table: others may have posted some since.
            sent = keys_of(name.removeprefix(PREFIX) for name in request.POST)
            typed = rows.filter(pk__in=sent).order_by("pk")
            form = PostingsForm(request.POST, rows=typed)
            form.full_clean()
            if count := form.save(by=user):
                plural = "s" if count > 1 else ""
                done = f"{count} envoi{plural} enregistré{plural}."
                self.message_user(request, done, messages.SUCCESS)
            if not form.letters or form.is_valid():
                return redirect(self.list_url(envoi="a-poster"))
        else:
            waiting = rows.filter(state=FileState.READY, posted_on=None)
            if chosen := keys_of(request.GET.getlist("lettre")):
                waiting = waiting.filter(pk__in=chosen)
            form = PostingsForm(
                rows=waiting.order_by("created_at", "pk")[:MOST_LETTERS]
            )
        context = {
            **self.admin_site.each_context(request),
            "title": "Enregistrer les envois",
            "opts": self.opts,
            "list_url": self.list_url(envoi="a-poster"),
            "form": form,
        }
        template = "accounts/agreements/admin/postings.html"
        status = 409 if form.errors else 200
        return TemplateResponse(request, template, context, status=status)

    def show(
        self, request: HttpRequest, letter: Letter, status: int = 200
    ) -> HttpResponse:
        template = "accounts/agreements/admin/letter.html"
        html = letter.html
        return show_paper(self, request, letter, html, template=template, status=status)

    @admin.display(description="numéro", ordering="created_at")
    def number(self, letter: Letter) -> str:
        return letter.number

    @admin.display(description="envoi", ordering="posted_on")
    def status(self, letter: Letter) -> str:
        return letter.status

    @admin.display(description="destinataire")
    def lines(self, letter: Letter) -> str:
        return ", ".join(letter.addressee)

    files = rendered("letter_files", "texte")
