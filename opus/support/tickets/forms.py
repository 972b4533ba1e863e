from typing import Any

from django import forms

from accounts.signin.access import CountedForm
from accounts.users.models import User
from opus.lib.forms.base import Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import RULE, GuardedFormField, NoteFormField
from opus.support.tickets import actions
from opus.support.tickets.models import MESSAGE_MAX, OF_THE_WRITER, Ticket, Topic

MESSAGE_RULE = (
    f"{RULE} 2 000 caractères au plus. Aucune donnée personnelle d’un "
    "candidat : ni nom, ni identifiant, ni coordonnées, ni santé ou situation (art. "
    "9.1). Un numéro d’offre ou de proposition suffit. Jamais de mot de passe ni de "
    "code."
)
SHARED = (
    "Vous seul lisez vos demandes ; toute votre structure suit ses suggestions "
    "pour Opus (art. 11)."
)
# The subjects open without signing in: the others need the author's account.
OPEN_TOPICS = (Topic.SIGN_IN, Topic.ACCESSIBILITY, Topic.DATA, Topic.OTHER)


def message_field(label: str) -> NoteFormField:
    return NoteFormField(
        place="support.message.text",
        label=label,
        help_text=MESSAGE_RULE,
        max_length=MESSAGE_MAX,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "max_length": "Ce message compte %(show_value)d caractères : il en faut "
            "%(limit_value)d au plus. Gardez l’essentiel, ou faites deux demandes."
        },
    )


class ContactForm(Form, CountedForm):
    privacy_notice = PrivacyNotice.SUPPORT

    topic = forms.ChoiceField(label="Sujet")
    subject = GuardedFormField(
        place="support.ticket.subject",
        label="Objet",
        max_length=120,
        help_text="Quelques mots, par exemple « Le document ne s’imprime pas ».",
    )
    text = message_field("Message")

    def __init__(self, *args: Any, by: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_partner = bool(by and by.structure_id)
        topics = [
            (topic.value, topic.label)
            for topic in (Topic if by else OPEN_TOPICS)
            if topic != Topic.EVOLUTION or is_partner
        ]
        topic: Any = self.fields["topic"]
        topic.choices = [("", "Choisissez un sujet"), *topics]
        topic.help_text = SHARED if is_partner else ""

    @property
    def is_of_writer(self) -> bool:
        """Return whether the text may mention its author's own health."""
        return self.data.get(self.add_prefix("topic")) in OF_THE_WRITER

    def save(self, *, by: User | None) -> Ticket:
        return actions.open_ticket(by=by, **self.cleaned_data)


class OpenContactForm(ContactForm):
    """The form without signing in: fewer subjects, and an address."""

    email = forms.EmailField(
        label="Votre courriel professionnel",
        max_length=254,
        help_text="La réponse y sera annoncée, par exemple prenom.nom@ccas.fr.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": "Écrivez une adresse complète, par exemple prenom.nom@ccas.fr."
        },
    )
    field_order = ("email", "topic", "subject", "text")


class MessageForm(Form, CountedForm):
    privacy_notice = PrivacyNotice.SUPPORT

    text = message_field("Votre message")

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_of_writer = ticket.topic in OF_THE_WRITER

    def save(self, ticket: Ticket, *, by: User | None) -> None:
        actions.speak(ticket, by=by, text=self.cleaned_data["text"])
