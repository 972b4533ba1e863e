"""The queues of the desk: what waits, for whom, until when.

A queue is the rows of a register under one of its filters, a day and a verb.
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import Breach, BreachState, Ending
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.enums import UNDER_WAY_STATES, VACANCY_LETTER_WITHIN
from accounts.nominations.models import Nomination
from accounts.security.models import Alert
from accounts.signin.models import FactorReset
from accounts.structures.models import AgencyKind, Structure
from accounts.team.models import TeamReview
from accounts.users.enums import Role
from accounts.users.models import User
from accounts.users.territory import REGIONAL, TERRITORIAL, level_of
from offers.feed.models import EventQuarantine
from offers.files.models import Quarantine, QuarantineState
from opus.lib.background_files import FileState
from opus.lib.jobs import JobRun
from opus.lib.model_admin.staff_admin import StaffAdmin
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from opus.lib.text_guard.models import TextFinding
from opus.support.data_rights.models import RightsRequest
from opus.support.service_status.models import Incident, IncidentUpdate
from opus.support.tickets.models import Ticket, Topic
from referrals.acts.models import ActStep
from referrals.acts.states import CvState, ScreenedState
from referrals.appointments.models import Appointment
from referrals.caseloads.models import CaseloadTransfer
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.follow_up.admin import QueueAdmin, query_of
from referrals.preselection.models import ScreenedReferral

# The verb that changes nothing.
VIEW = "Voir"


class Section(models.TextChoices):
    AGREEMENTS = "conventions", "Conventions et RGC"
    REFERRALS = "candidatures", "Candidatures"
    SUPPORT = "assistance", "Assistance et droits"
    OFFERS = "offres", "Offres"
    OPERATIONS = "exploitation", "Exploitation"


# --- Whose work it is -----------------------------------------------------------------

Doer = Callable[[User], bool]


def anybody(user: User) -> bool:
    return True


def agents(user: User) -> bool:
    return user.role == Role.AGENT


def admins(user: User) -> bool:
    return user.role == Role.FT_ADMIN


def admins_of(levels: Collection[str]) -> Doer:
    """Return who records what a director of these levels decides (4.1, 4.3)."""
    return lambda user: admins(user) and level_of(user) in levels


national = admins_of([AgencyKind.NATIONAL])


# --- What a line says, and its day ----------------------------------------------------


def words(*parts: str | models.Expression) -> models.Expression:
    """Join columns; what is not a field's name is an expression."""
    columns = [F(one) if isinstance(one, str) else one for one in parts]
    return Concat(*columns, Value(""), output_field=TextField())


def label_of(model: type[models.Model], name: str) -> models.Expression:
    """Return the words of a choice."""
    choices = model._meta.get_field(name).flatchoices  # type: ignore[union-attr]
    cases = [When(**{name: value}, then=Value(str(label))) for value, label in choices]
    return Case(*cases, default=Value(""), output_field=TextField())


def structure_shown(path: str, user: User) -> models.Expression:
    """Return the structure's number if this reader may open its page."""
    if not path:
        return Value("")
    pages: Any = admin.site.get_model_admin(Structure)
    seen = pages.within(Structure.objects.order_by(), user)
    number = Cast(F(f"{path}__pk"), TextField())
    nothing = Value("", TextField())
    return Case(When(**{f"{path}__in": seen}, then=number), default=nothing)


def structure_url(pk: str) -> str:
    return reverse("admin:accounts_structure_change", args=[pk]) if pk else ""


class After(Func):
    """A day, so many months or days later."""

    template = "(%(expressions)s + interval '%(delay)s')::date"
    output_field: Any = DateField()


SPACE, DOT = Value(" "), Value(" · ")
PERSON = words("first_name", SPACE, "last_name")
HOLDER = words(
    Coalesce("person__first_name", "first_name"),
    SPACE,
    Coalesce("person__last_name", "last_name"),
)
LETTER_NUMBER = words("convention__number", Value("/L"), Cast("rank", TextField()))
LEFT_ON = Coalesce("ended_on", "end_announced_on")


def last_meeting() -> Subquery:
    """Return the day of a convention's last meeting."""
    held = ReviewMeeting.objects.held().filter(convention=OuterRef("pk"))
    return Subquery(held.order_by().values("convention").values(day=Max("held_on")))


def last_news() -> Subquery:
    """Return when an incident's last news were given."""
    news = IncidentUpdate.objects.filter(incident=OuterRef("pk")).order_by()
    return Subquery(news.values("incident").values(last=Max("at")))


def first_draft() -> models.Expression:
    """Return the day when a structure's convention in draft begins."""
    drafts = Convention.objects.filter(
        structure=OuterRef("pk"), state=ConventionState.DRAFT
    )
    return Cast(Subquery(drafts.order_by("-pk").values("starts_on")[:1]), DateField())


def first_in_state() -> Subquery:
    """Return when an act first came into its state: a question keeps its place."""
    steps = ActStep.objects.filter(act=OuterRef("pk"), target=OuterRef("state"))
    return Subquery(steps.order_by("at", "pk").values("at")[:1])


def proposed(convention: str) -> Q:
    """Return whether somebody is proposed already, under that key."""
    under_way = Nomination.objects.filter(state__in=UNDER_WAY_STATES)
    return Q(Exists(under_way.filter(convention=OuterRef(convention))))


def of_reset(name: str) -> Subquery:
    """Return a column of the account's reset of a second factor."""
    resets = FactorReset.objects.to_confirm().filter(account=OuterRef("pk"))
    return Subquery(resets.values(name))


# --- A queue --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Queue:
    slug: str
    section: Section
    # In the list of all that waits.
    label: str
    # Of one line: « Poster une lettre ». Without it the rows are only to look at.
    task: str = ""
    verb: str = VIEW
    model: type[models.Model]
    # The filter of the register that shows the rows.
    filters: dict[str, str] = field(default_factory=dict)
    # Whom a line is about, its structure if not said; and what.
    who: Any = None
    what: Any = Value("")
    # The last day, or without one the day since when it waits.
    due: Any = Value(None)
    since: Any = Value(None)
    has_hour: bool = False
    # The button of the row's page where the verb leads, else that page.
    button: Any = Value("")
    # The address where the verb leads, if it is another page.
    opens: Callable[[str], str] | None = None
    doer: Doer = anybody
    # Who sees it at all, among those who may open the register.
    reader: Doer = anybody
    # The person who may not do it: another does.
    not_by: Any = Value(None, models.BigIntegerField())
    # Rows whose work another queue has already.
    elsewhere: Q | None = None
    # On a structure's page, left out for who has nothing to do about it.
    is_optional: bool = False

    @property
    def pages(self) -> StaffAdmin:
        pages: Any = admin.site.get_model_admin(self.model)
        return pages

    @property
    def structure(self) -> str:
        """Return the path to the structure: lines name it, and its page has them."""
        return self.pages.structure_path

    @property
    def list_url(self) -> str:
        return self.pages.list_url(**self.filters)

    def waiting(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Filter these rows as the register does."""
        for one in self.pages.list_filter:
            options = getattr(one, "options", {})
            value = self.filters.get(getattr(one, "parameter_name", ""))
            if value in options:
                return options[value][1](rows)
        return rows.filter(**self.filters)

    def url_of(self, pk: Any, button: str = "") -> str:
        """Return where the verb leads."""
        return self.opens(pk) if self.opens else self.page_of(pk, button)

    def page_of(self, pk: Any, button: str = "") -> str:
        name = f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}"
        if button:
            return reverse(f"{name}_action", args=[pk, button])
        url = reverse(f"{name}_change", args=[pk])
        # An act opens within its queue: once it is decided, the next is there.
        is_of_acts = isinstance(self.pages, QueueAdmin)
        return f"{url}?{query_of(urlencode(self.filters))}" if is_of_acts else url


# --- Conventions and RGC --------------------------------------------------------------

agreement = partial(Queue, section=Section.AGREEMENTS)
of_convention = partial(agreement, model=Convention, what=F("number"))
of_structure = partial(agreement, model=Structure, who=F("name"), what=F("city"))


def of_rgc(step: str, label: str, **options: Any) -> Queue:
    """Return the queue of a step of nominations."""
    filters = {"attendu": step}
    given: dict[str, Any] = {"slug": f"rgc-{step}", "label": label, "filters": filters}
    return agreement(model=Nomination, what=HOLDER, **given, **options)


def new_row(page: str) -> Callable[[str], str]:
    """Return the address where a row about a convention begins."""
    return lambda pk: f"{reverse(page)}?convention={pk}"


AGREEMENTS = (
    of_convention(
        slug="a-renouveler",
        label="Conventions à renouveler",
        task="Renouveler une convention, ou la laisser finir",
        verb="Renouveler",
        filters={"suite": "a_preparer"},
        due=F("ends_on"),
        button=Value("renouveler"),
    ),
    of_convention(
        slug="a-signer",
        label="Renouvellements à signer",
        task="Signer un renouvellement",
        verb="Relire",
        filters={"suite": "a_signer"},
        due=F("starts_on"),
        doer=admins,
    ),
    of_convention(
        slug="finissent",
        label="Conventions qui finissent",
        filters={"fin": "proche"},
        due=F("ends_on"),
    ),
    agreement(
        model=Amendment,
        slug="avenants",
        label="Avenants à confirmer",
        task="Confirmer un avenant",
        verb="Relire",
        filters={"file": "a-confirmer"},
        what=F("reference"),
        due=F("effective_on"),
        doer=admins,
        not_by=F("proposed_by"),
    ),
    agreement(
        model=Ending,
        slug="fins",
        label="Fins anticipées à confirmer",
        task="Confirmer une fin anticipée",
        verb="Relire",
        filters={"file": "a-confirmer"},
        due=F("ends_on"),
        doer=admins,
        not_by=F("proposed_by"),
    ),
    agreement(
        model=Breach,
        slug="manquements",
        label="Manquements\xa0: échéances proches",
        task="Suivre un manquement",
        filters={"echeance": "proche"},
        what=label_of(Breach, "state"),
        due=Case(
            When(state=BreachState.UPHELD, then=After("upheld_on", delay="1 month")),
            default=After("presented_on", delay="1 month"),
        ),
        since=F("notified_on"),
        doer=admins,
    ),
    of_rgc(
        "avis",
        "RGC\xa0: avis possibles",
        task="Recueillir un avis, facultatif, sur le RGC proposé",
        verb="Noter l’avis",
        since=F("proposed_on"),
        button=Value("avis"),
        # The others go on to the decision (4.1).
        doer=agents,
        reader=agents,
        is_optional=True,
    ),
    of_rgc(
        "decision",
        "RGC\xa0: décisions attendues",
        task="Enregistrer la décision sur le RGC proposé",
        verb="Décider",
        since=F("proposed_on"),
        doer=admins_of(TERRITORIAL),
    ),
    of_rgc(
        "validation",
        "RGC\xa0: changements à valider",
        task="Décider un changement de RGC",
        verb="Décider",
        since=F("decided_on"),
        button=Value("valider"),
        doer=admins_of(REGIONAL),
    ),
    of_rgc(
        "notification",
        "RGC\xa0: accords à notifier",
        task="Notifier le RGC à sa structure",
        verb="Noter la notification",
        since=Coalesce("validated_on", "decided_on"),
        button=Value("notifier"),
    ),
    of_rgc(
        "compte",
        "RGC\xa0: comptes à fournir",
        task="Fournir le compte du RGC",
        verb="Fournir",
        since=F("decided_on"),
        button=Value("fournir-compte"),
        doer=admins,
    ),
    of_rgc(
        "fonction",
        "RGC\xa0: mises en fonction",
        task="Mettre le RGC en fonction",
        verb="Mettre en fonction",
        since=F("decided_on"),
        button=Value("entrer-en-fonction"),
        doer=admins,
        not_by=F("accepted_by"),
    ),
    of_rgc(
        "copie",
        "RGC\xa0: conventions à remettre",
        task="Noter la remise de la convention au RGC",
        verb="Noter la remise",
        since=F("office_on"),
        button=Value("copie"),
    ),
    of_rgc(
        "retrait",
        "RGC\xa0: retraits à décider",
        task="Décider du retrait d’un RGC",
        verb="Décider",
        since=F("withdrawal_opinion_on"),
        doer=admins_of(REGIONAL),
    ),
    of_rgc("depart", "RGC\xa0: fins annoncées", due=F("end_announced_on")),
    of_rgc(
        "suspendu",
        "RGC en fonction, compte suspendu",
        task="Réactiver le compte du RGC, ou le remplacer",
        since=F("office_on"),
        doer=admins,
    ),
    of_rgc(
        "vacance",
        "Postes de RGC vacants",
        task="Recueillir la proposition d’un successeur",
        elsewhere=proposed("convention"),
        is_optional=True,
        since=LEFT_ON,
    ),
    of_rgc(
        "lettre",
        "Départs de RGC non signalés",
        task="Obtenir la lettre de la structure",
        verb="Noter la lettre",
        due=After(LEFT_ON, delay=f"{VACANCY_LETTER_WITHIN.days} days"),
        button=Value("lettre-vacance"),
    ),
    of_convention(
        slug="sans-rgc",
        label="Conventions sans RGC",
        task="Recueillir la proposition d’un RGC",
        verb="Proposer",
        filters={"rgc": "jamais"},
        since=F("starts_on"),
        opens=new_row("admin:accounts_nomination_add"),
        elsewhere=proposed("pk"),
        is_optional=True,
    ),
    of_convention(
        slug="a-venir-sans-rgc",
        label="Conventions à venir sans RGC",
        task="Recueillir la proposition d’un RGC",
        verb="Proposer",
        filters={"rgc": "a_venir"},
        due=F("starts_on"),
        opens=new_row("admin:accounts_nomination_add"),
        elsewhere=proposed("pk"),
        is_optional=True,
    ),
    agreement(
        model=Letter,
        slug="lettres",
        label="Lettres à poster",
        task="Poster une lettre recommandée",
        verb="Imprimer",
        filters={"envoi": "a-poster"},
        what=words(label_of(Letter, "kind"), DOT, LETTER_NUMBER),
        since=F("created_at"),
        doer=admins,
    ),
    agreement(
        model=TeamReview,
        slug="confirmations",
        label="Comptes non confirmés",
        task="Rappeler au RGC de confirmer ses comptes",
        filters={"reponse": "retard"},
        due=After("due_on", delay=f"{settings.REVIEW_ESCALATES} days"),
        doer=admins,
    ),
    of_convention(
        slug="sans-reunion",
        label="Conventions sans réunion de suivi",
        task="Planifier une réunion de suivi",
        verb="Planifier",
        filters={"suivi": "aucune"},
        due=After(
            Coalesce(last_meeting(), "starts_on"),
            delay=f"{settings.MEETING_EVERY_MONTHS} months",
        ),
        opens=new_row("admin:accounts_reviewmeeting_add"),
    ),
    agreement(
        model=ReviewMeeting,
        slug="comptes-rendus",
        label="Comptes rendus sans réponse",
        filters={"reponse": "attendue"},
        since=F("held_on"),
    ),
    agreement(
        model=User,
        slug="seconds-facteurs",
        label="Seconds facteurs à confirmer",
        task="Confirmer la remise à zéro d’un second facteur",
        filters={"remise": "a-confirmer"},
        who=PERSON,
        what=F("identifier"),
        due=of_reset("lapses_at"),
        has_hour=True,
        doer=admins,
        not_by=of_reset("asked_by"),
    ),
    of_structure(
        slug="a-finir",
        label="Nouveaux partenaires à finir",
        task="Finir un nouveau partenaire",
        verb="Reprendre",
        filters={"convention": "jamais"},
        due=first_draft(),
        doer=lambda user: user.has_perm("accounts.add_structure"),
    ),
    of_structure(
        slug="communes",
        label="Structures sans commune connue",
        task="Choisir la commune d’une structure",
        verb="Choisir",
        filters={"commune": "inconnue"},
    ),
)

# --- Applications, CVs, appointments: no person is named (S24) ------------------------

of_act = partial(
    Queue,
    section=Section.REFERRALS,
    what=words("offer__title", DOT, "number"),
    has_hour=True,
)
of_appointment = partial(of_act, model=Appointment)
of_transfer = partial(
    Queue,
    section=Section.REFERRALS,
    model=CaseloadTransfer,
    has_hour=True,
    doer=admins,
    not_by=F("asked_by"),
)

REFERRALS = (
    of_act(
        model=ScreenedReferral,
        slug="a-examiner",
        label="Candidatures à examiner",
        task="Examiner une candidature",
        verb="Examiner",
        filters={"state__exact": ScreenedState.TO_REVIEW.value},
        since=first_in_state(),
    ),
    of_act(
        model=ScreenedReferral,
        slug="a-presenter",
        label="Candidatures à présenter",
        task="Présenter une candidature à l’employeur",
        verb="Présenter",
        filters={"state__exact": ScreenedState.SHORTLISTED.value},
        since=first_in_state(),
    ),
    of_act(
        model=CvRequest,
        slug="cv",
        label="CV à lire",
        task="Lire un CV",
        verb="Lire",
        filters={"state__exact": CvState.SENT.value},
        since=first_in_state(),
    ),
    of_appointment(
        slug="rendez-vous",
        label="Rendez-vous à confirmer",
        task="Confirmer la date d’un rendez-vous",
        verb="Confirmer",
        filters={"file": "a-confirmer"},
        due=F("details__at"),
    ),
    of_appointment(
        slug="a-renseigner",
        label="Convocations à renseigner",
        task="Dire si la personne est venue",
        verb="Renseigner",
        filters={"file": "a-renseigner"},
        due=F("details__at"),
    ),
    of_appointment(
        slug="a-conclure",
        label="Entretiens à conclure",
        task="Conclure un entretien",
        verb="Conclure",
        filters={"file": "a-decider"},
        since=F("details__at"),
    ),
    of_transfer(
        slug="suivis",
        label="Suivis à confier",
        task="Confirmer un transfert de suivis",
        verb="Relire",
        filters={"suite": "attente"},
        due=F("ready_at"),
    ),
    of_transfer(
        slug="suivis-a-regarder",
        label="Suivis vers un compte récent, ou désavoués",
        task="Vérifier un transfert de suivis",
        verb="Vérifier",
        filters={"suite": "a-regarder"},
        since=F("asked_at"),
    ),
)

# --- Requests for help, rights of persons, texts --------------------------------------

of_tickets = partial(
    Queue,
    section=Section.SUPPORT,
    task="Répondre à une demande d’assistance",
    verb="Répondre",
    model=Ticket,
    what=words(label_of(Ticket, "topic"), DOT, "number"),
    due=F("answer_due_at"),
    has_hour=True,
    # A proposal gets a status instead, on its page.
    button=Case(When(topic=Topic.EVOLUTION, then=Value("")), default=Value("repondre")),
    doer=admins,
)

SUPPORT = (
    of_tickets(
        slug="assistance-retard",
        label="Demandes d’assistance en retard",
        filters={"echeance": "retard"},
    ),
    of_tickets(
        slug="assistance-jour",
        label="Demandes à répondre aujourd’hui",
        filters={"echeance": "aujourdhui"},
    ),
    of_tickets(
        slug="assistance-ensuite",
        label="Demandes à répondre plus tard",
        filters={"echeance": "ensuite"},
    ),
    Queue(
        slug="droits",
        section=Section.SUPPORT,
        label="Droits des personnes\xa0: réponses dues",
        task="Répondre à une demande de droits",
        model=RightsRequest,
        filters={"echeance": "proche"},
        who=F("number"),
        what=label_of(RightsRequest, "right"),
        due=F("last_day"),
    ),
    Queue(
        slug="textes",
        section=Section.SUPPORT,
        label="Textes à reprendre",
        model=TextFinding,
        since=F("at"),
    ),
)

# --- Offers that did not come in ------------------------------------------------------

OFFERS = (
    Queue(
        slug="evenements",
        section=Section.OFFERS,
        label="Évènements rejetés",
        task="Rejouer ou classer un évènement rejeté",
        verb="Relire",
        model=EventQuarantine,
        filters={"etat": "attente"},
        who=F("reference"),
        what=F("reason"),
        since=F("first_at"),
        doer=admins,
    ),
    Queue(
        slug="lignes",
        section=Section.OFFERS,
        label="Lignes en quarantaine",
        task="Clore une ligne en quarantaine",
        verb="Clore",
        model=Quarantine,
        filters={"state__exact": QuarantineState.WAITING.value},
        who=F("reference"),
        what=F("reason"),
        since=F("at"),
        button=Value("clore"),
        doer=admins,
    ),
)

# --- Alerts, incidents, late jobs, failed documents -----------------------------------

operation = partial(Queue, section=Section.OPERATIONS)
FAILED_DOCUMENTS = (
    (Referral, "documents", "Documents en échec"),
    (CvRequest, "lettres-de-cv", "Documents des demandes de CV en échec"),
    (Appointment, "convocations", "Convocations en échec"),
    (ScreenedReferral, "preselections", "Documents de présélection en échec"),
)

OPERATIONS = (
    *(
        of_act(
            model=model,
            slug=slug,
            section=Section.OPERATIONS,
            label=label,
            task="Relancer un document en échec",
            verb="Relancer",
            filters={"document": FileState.FAILED.value},
            since=F("created_at"),
            button=Value("relancer-le-document"),
        )
        for model, slug, label in FAILED_DOCUMENTS
    ),
    operation(
        slug="alertes",
        label="Alertes",
        task="Traiter une alerte",
        verb="Traiter",
        model=Alert,
        filters={"suite": "a-traiter"},
        who=Coalesce("structure__name", Value("Opus")),
        what=label_of(Alert, "rule"),
        since=F("last_at"),
        has_hour=True,
        doer=admins,
        not_by=F("account"),
    ),
    operation(
        slug="incidents",
        label="Incidents sans nouvelles",
        task="Donner des nouvelles d’un incident",
        verb="Écrire",
        model=Incident,
        filters={"etat": "sans-nouvelles"},
        who=F("title"),
        # The day after the last word (art. 6).
        due=Coalesce(last_news(), "declared_at") + Value(dt.timedelta(days=1)),
        has_hour=True,
        button=Value("nouvelles"),
        doer=national,
        reader=national,
    ),
    operation(
        slug="taches",
        label="Tâches de fond en retard",
        model=JobRun,
        filters={"retard": "oui"},
        since=F("ended_at"),
    ),
    operation(
        slug="controles",
        label="Contrôles de cohérence en défaut",
        model=Finding,
        filters={"defaut": "oui"},
        since=F("first_at"),
    ),
    operation(
        slug="envois",
        label="Envois non partis",
        task="Relancer un envoi abandonné",
        verb="Relancer",
        model=OutboxEntry,
        filters={"etat": "abandon"},
        who=F("effect"),
        since=F("created_at"),
        button=Value("relancer"),
    ),
)

QUEUES: tuple[Queue, ...] = (*AGREEMENTS, *REFERRALS, *SUPPORT, *OFFERS, *OPERATIONS)
