"""Applications, CVs, appointments: what waits. No person is named (S24)."""

from functools import partial
from typing import Any

from django.db import models
from django.db.models import F, OuterRef, Subquery, Value

from opus.desk.queues import Queue, Trade, admins, words
from opus.lib.background_files import FileState
from referrals.acts.models.acts import ActStep
from referrals.acts.states import AppointmentState, CvState, ScreenedState
from referrals.appointments.models.appointments import Appointment
from referrals.caseloads.models import CaseloadTransfer
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.models import with_document
from referrals.preselection.models import ScreenedReferral


def first_in_state() -> Subquery:
    """Return when an act first came into its state: a question keeps its place."""
    steps = ActStep.objects.filter(act=OuterRef("pk"), target=OuterRef("state"))
    return Subquery(steps.order_by("at", "pk").values("at")[:1])


act_queue = partial(
    Queue,
    trade=Trade.REFERRALS,
    who=F("structure__name"),
    what=words("offer__title", Value(" · "), "number"),
    structure="structure",
    has_hour=True,
)


def in_state(state: str) -> dict[str, Any]:
    """Return both the rows in that state, and their filter."""
    return {
        "waiting": lambda rows: rows.filter(state=state),
        "filters": {"state__exact": state},
    }


def failed(model: type[models.Model], slug: str, label: str) -> Queue:
    return act_queue(
        model=model,
        slug=slug,
        trade=Trade.OPERATIONS,
        label=label,
        task="Relancer un document en échec",
        verb="Relancer",
        waiting=partial(with_document, state=FileState.FAILED),
        filters={"document": FileState.FAILED.value},
        since=F("created_at"),
        button="relancer-le-document",
    )


QUEUES = (
    act_queue(
        model=ScreenedReferral,
        slug="a-examiner",
        label="Candidatures à examiner",
        task="Examiner une candidature",
        verb="Examiner",
        since=first_in_state(),
        **in_state(ScreenedState.TO_REVIEW.value),
    ),
    act_queue(
        model=ScreenedReferral,
        slug="a-presenter",
        label="Candidatures à présenter",
        task="Présenter une candidature à l’employeur",
        verb="Présenter",
        since=first_in_state(),
        **in_state(ScreenedState.SHORTLISTED.value),
    ),
    act_queue(
        model=CvRequest,
        slug="cv",
        label="CV à lire",
        task="Lire un CV",
        verb="Lire",
        since=first_in_state(),
        **in_state(CvState.SENT.value),
    ),
    act_queue(
        model=Appointment,
        slug="rendez-vous",
        label="Rendez-vous à confirmer",
        task="Confirmer la date d’un rendez-vous",
        verb="Confirmer",
        waiting=lambda rows: rows.waiting_for_agency(),
        filters={"file": "a-confirmer"},
        due=F("details__at"),
    ),
    act_queue(
        model=Appointment,
        slug="a-renseigner",
        label="Convocations à renseigner",
        task="Dire si la personne est venue",
        verb="Renseigner",
        waiting=lambda rows: rows.long_without_status(),
        filters={"file": "a-renseigner"},
        due=F("details__at"),
    ),
    act_queue(
        model=Appointment,
        slug="a-conclure",
        label="Entretiens à conclure",
        task="Conclure un entretien",
        verb="Conclure",
        waiting=lambda rows: rows.filter(state=AppointmentState.ATTENDED),
        filters={"file": "a-decider"},
        since=F("details__at"),
    ),
    Queue(
        slug="suivis",
        trade=Trade.REFERRALS,
        label="Suivis à confier",
        task="Confirmer un transfert de suivis",
        verb="Relire",
        model=CaseloadTransfer,
        waiting=lambda rows: rows.waiting(),
        filters={"suite": "attente"},
        who=F("account__structure__name"),
        due=F("ready_at"),
        has_hour=True,
        doer=admins,
        not_by="asked_by",
        structure="account__structure",
    ),
    Queue(
        slug="suivis-a-regarder",
        trade=Trade.REFERRALS,
        label="Suivis vers un compte récent, ou désavoués",
        task="Vérifier un transfert de suivis",
        verb="Vérifier",
        model=CaseloadTransfer,
        waiting=lambda rows: rows.to_look_at(),
        filters={"suite": "a-regarder"},
        who=F("account__structure__name"),
        since=F("asked_at"),
        has_hour=True,
        doer=admins,
        not_by="asked_by",
        structure="account__structure",
    ),
    failed(Referral, "documents", "Documents en échec"),
    failed(CvRequest, "lettres-de-cv", "Documents des demandes de CV en échec"),
    failed(Appointment, "convocations", "Convocations en échec"),
    failed(ScreenedReferral, "preselections", "Documents de présélection en échec"),
)
