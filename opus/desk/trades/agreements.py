"""Conventions, RGC, accounts: what waits."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from accounts.agreements.admin import filters
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import Breach, BreachState, Ending
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.enums import UNDER_WAY_STATES, VACANCY_LETTER_WITHIN
from accounts.nominations.models import Nomination, awaiting
from accounts.signin.models.factor_recovery import FactorReset
from accounts.team.models import TeamReview
from accounts.users.models.users import User
from opus.desk.queues import (
    Queue,
    Trade,
    admins,
    agents,
    anybody,
    label_of,
    nobody,
    regional,
    territorial,
    words,
)

OF_CONVENTION = "convention__structure"
REPORTED_WITHIN = f"{VACANCY_LETTER_WITHIN.days} days"
ANSWERED_WITHIN = f"{settings.REVIEW_ESCALATES} days"
MET_WITHIN = f"{settings.MEETING_EVERY_MONTHS} months"
HOLDER = words(
    Coalesce("person__first_name", "first_name"),
    models.Value(" "),
    Coalesce("person__last_name", "last_name"),
)


LETTER_NUMBER = words(
    "convention__number", models.Value("/L"), Cast("rank", models.TextField())
)


class After(Func):
    """A day, so many months or days later."""

    template = "(%(expressions)s + interval '%(delay)s')::date"
    output_field: Any = models.DateField()


def last_review() -> Subquery:
    """Return the day of a convention's last meeting."""
    held = ReviewMeeting.objects.held().filter(convention=OuterRef("pk"))
    return Subquery(held.order_by().values("convention").values(day=Max("held_on")))


def new_row(page: str) -> Callable[[str], str]:
    """Return the address where a row about a convention begins."""
    return lambda pk: f"{reverse(page)}?convention={pk}"


def proposed(convention: str) -> Q:
    """Return whether somebody is proposed already, under that key."""
    under_way = Nomination.objects.filter(state__in=UNDER_WAY_STATES)
    return Q(Exists(under_way.filter(convention=OuterRef(convention))))


def of_resets(accounts: QuerySet[Any]) -> QuerySet[Any]:
    resets = FactorReset.objects.to_confirm().filter(account=OuterRef("pk"))
    return accounts.annotate(
        reset_by=Subquery(resets.values("asked_by")),
        reset_by_on=Subquery(resets.values("lapses_at")),
    ).filter(reset_by__isnull=False)


convention_queue = partial(
    Queue,
    trade=Trade.AGREEMENTS,
    model=Convention,
    who=F("structure__name"),
    what=F("number"),
    due=F("ends_on"),
    structure="structure",
)
# Of what belongs to a convention.
part_queue = partial(
    Queue,
    trade=Trade.AGREEMENTS,
    who=F("convention__structure__name"),
    structure=OF_CONVENTION,
)


def rgc_queue(step: str, name: str, **options: Any) -> Queue:
    given: dict[str, Any] = {
        "model": Nomination,
        "slug": f"rgc-{step}",
        "waiting": awaiting(name),
        "filters": {"attendu": step},
        "what": HOLDER,
        "doer": admins,
    }
    return part_queue(**given | options)


QUEUES = (
    convention_queue(
        slug="a-renouveler",
        label="Conventions à renouveler",
        task="Renouveler une convention, ou la laisser finir",
        verb="Renouveler",
        waiting=filters.to_renew,
        filters={"suite": "a_preparer"},
        button="renouveler",
    ),
    convention_queue(
        slug="a-signer",
        label="Renouvellements à signer",
        task="Signer un renouvellement",
        verb="Relire",
        waiting=filters.renewals_to_sign,
        filters={"suite": "a_signer"},
        due=F("starts_on"),
        doer=admins,
    ),
    convention_queue(
        slug="finissent",
        label="Conventions qui finissent",
        waiting=filters.ending_soon,
        filters={"fin": "proche"},
        doer=nobody,
    ),
    part_queue(
        model=Amendment,
        slug="avenants",
        label="Avenants à confirmer",
        task="Confirmer un avenant",
        verb="Relire",
        waiting=filters.to_confirm,
        filters={"file": "a-confirmer"},
        what=F("reference"),
        due=F("effective_on"),
        doer=admins,
        not_by="proposed_by",
    ),
    part_queue(
        model=Ending,
        slug="fins",
        label="Fins anticipées à confirmer",
        task="Confirmer une fin anticipée",
        verb="Relire",
        waiting=filters.to_confirm,
        filters={"file": "a-confirmer"},
        due=F("ends_on"),
        doer=admins,
        not_by="proposed_by",
    ),
    part_queue(
        model=Breach,
        slug="manquements",
        label="Manquements\xa0: échéances proches",
        task="Suivre un manquement",
        waiting=filters.near_deadline,
        filters={"echeance": "proche"},
        what=label_of(Breach, "state"),
        due=Case(
            When(state=BreachState.UPHELD, then=After("upheld_on", delay="1 month")),
            default=After("presented_on", delay="1 month"),
        ),
        since=F("notified_on"),
        doer=admins,
    ),
    rgc_queue(
        "avis",
        "awaiting_opinion",
        label="RGC\xa0: avis possibles",
        task="Recueillir un avis, facultatif, sur le RGC proposé",
        verb="Noter l’avis",
        since=F("proposed_on"),
        button="avis",
        # The others go on to the decision (4.1).
        doer=agents,
        reader=agents,
        is_optional=True,
    ),
    rgc_queue(
        "decision",
        "awaiting_decision",
        label="RGC\xa0: décisions attendues",
        task="Enregistrer la décision sur le RGC proposé",
        verb="Décider",
        since=F("proposed_on"),
        doer=territorial,
    ),
    rgc_queue(
        "validation",
        "awaiting_validation",
        label="RGC\xa0: changements à valider",
        task="Décider un changement de RGC",
        verb="Décider",
        since=F("decided_on"),
        button="valider",
        doer=regional,
    ),
    rgc_queue(
        "notification",
        "awaiting_notification",
        label="RGC\xa0: accords à notifier",
        task="Notifier le RGC à sa structure",
        verb="Noter la notification",
        since=Coalesce("validated_on", "decided_on"),
        button="notifier",
        doer=anybody,
    ),
    rgc_queue(
        "compte",
        "awaiting_account",
        label="RGC\xa0: comptes à fournir",
        task="Fournir le compte du RGC",
        verb="Fournir",
        since=F("decided_on"),
        button="fournir-compte",
    ),
    rgc_queue(
        "fonction",
        "awaiting_office",
        label="RGC\xa0: mises en fonction",
        task="Mettre le RGC en fonction",
        verb="Mettre en fonction",
        since=F("decided_on"),
        button="entrer-en-fonction",
        not_by="accepted_by",
    ),
    rgc_queue(
        "copie",
        "awaiting_copy",
        label="RGC\xa0: conventions à remettre",
        task="Noter la remise de la convention au RGC",
        verb="Noter la remise",
        since=F("office_on"),
        button="copie",
        doer=anybody,
    ),
    rgc_queue(
        "retrait",
        "awaiting_withdrawal",
        label="RGC\xa0: retraits à décider",
        task="Décider du retrait d’un RGC",
        verb="Décider",
        since=F("withdrawal_opinion_on"),
        doer=regional,
    ),
    rgc_queue(
        "depart",
        "leaving",
        label="RGC\xa0: fins annoncées",
        due=F("end_announced_on"),
        doer=nobody,
    ),
    rgc_queue(
        "suspendu",
        "with_suspended_account",
        label="RGC en fonction, compte suspendu",
        task="Réactiver le compte du RGC, ou le remplacer",
        since=F("office_on"),
    ),
    rgc_queue(
        "vacance",
        "vacant",
        label="Postes de RGC vacants",
        task="Recueillir la proposition d’un successeur",
        elsewhere=proposed("convention"),
        is_optional=True,
        since=Coalesce("ended_on", "end_announced_on"),
        doer=anybody,
    ),
    rgc_queue(
        "lettre",
        "letter_overdue",
        label="Départs de RGC non signalés",
        task="Obtenir la lettre de la structure",
        verb="Noter la lettre",
        due=After(Coalesce("ended_on", "end_announced_on"), delay=REPORTED_WITHIN),
        button="lettre-vacance",
        doer=anybody,
    ),
    convention_queue(
        slug="sans-rgc",
        label="Conventions sans RGC",
        task="Recueillir la proposition d’un RGC",
        verb="Proposer",
        waiting=filters.never_held,
        filters={"rgc": "jamais"},
        due=None,
        since=F("starts_on"),
        opens=new_row("admin:accounts_nomination_add"),
        elsewhere=proposed("pk"),
        is_optional=True,
    ),
    convention_queue(
        slug="a-venir-sans-rgc",
        label="Conventions à venir sans RGC",
        task="Recueillir la proposition d’un RGC",
        verb="Proposer",
        waiting=filters.to_come_without_rgc,
        filters={"rgc": "a_venir"},
        due=F("starts_on"),
        opens=new_row("admin:accounts_nomination_add"),
        elsewhere=proposed("pk"),
        is_optional=True,
    ),
    part_queue(
        model=Letter,
        slug="lettres",
        label="Lettres à poster",
        task="Poster une lettre recommandée",
        verb="Imprimer",
        waiting=lambda rows: rows.to_post(),
        filters={"envoi": "a-poster"},
        what=words(label_of(Letter, "kind"), models.Value(" · "), LETTER_NUMBER),
        since=F("created_at"),
        doer=admins,
    ),
    part_queue(
        model=TeamReview,
        slug="confirmations",
        label="Comptes non confirmés",
        task="Rappeler au RGC de confirmer ses comptes",
        waiting=lambda rows: rows.overdue(),
        filters={"reponse": "retard"},
        due=After("due_on", delay=ANSWERED_WITHIN),
        doer=admins,
    ),
    convention_queue(
        slug="sans-reunion",
        label="Conventions sans réunion de suivi",
        task="Planifier une réunion de suivi",
        verb="Planifier",
        waiting=filters.without_review,
        filters={"suivi": "aucune"},
        due=After(Coalesce(last_review(), "starts_on"), delay=MET_WITHIN),
        opens=new_row("admin:accounts_reviewmeeting_add"),
    ),
    part_queue(
        model=ReviewMeeting,
        slug="comptes-rendus",
        label="Comptes rendus sans réponse",
        waiting=lambda rows: rows.without_reply(),
        filters={"reponse": "attendue"},
        since=F("held_on"),
        doer=nobody,
    ),
    Queue(
        slug="seconds-facteurs",
        trade=Trade.AGREEMENTS,
        label="Seconds facteurs à confirmer",
        task="Confirmer la remise à zéro d’un second facteur",
        model=User,
        waiting=of_resets,
        filters={"remise": "a-confirmer"},
        who=words("first_name", models.Value(" "), "last_name"),
        what=F("identifier"),
        due=F("reset_by_on"),
        has_hour=True,
        doer=admins,
        not_by="reset_by",
        structure="structure",
    ),
)
