"""The registers of the desk: how to make a row of each, and where its pages are."""

import datetime as dt
import uuid
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.security.models import Alert
from offers.files.models import ImportRun, Quarantine
from offers.search.models import EverydayWord, MissedWord
from opus.lib.audit.journal import Action, record
from opus.lib.audit.models import AuditEntry
from opus.lib.jobs import JobRun
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy.models import PurgeRun
from opus.lib.text_guard.models import TextFinding
from opus.support.surveys.models import Survey
from referrals.acts.outcomes import OutcomeCode
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgencyFactory,
    AlertFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    LetterFactory,
    ModelTextFactory,
    NominationFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
    TeamReviewFactory,
)
from tests.offers.helpers.factories import (
    FeedDeliveryFactory,
    FeedEventFactory,
    OfferFactory,
    PullFindingFactory,
    PullRunFactory,
    RejectedEventFactory,
)
from tests.referrals.cv_factories import (
    CvFileFactory,
    CvLetterFactory,
    CvRequestFactory,
)
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateHoldFactory,
    CaseloadTransferFactory,
    DocumentFactory,
    ReferralFactory,
    end,
)
from tests.referrals.screened import ScreenedReferralFactory, sheet_of
from tests.referrals.screened import record as record_outcome
from tests.support.factories import (
    AnnouncementFactory,
    CertifiedBrowserFactory,
    GuideFactory,
    IncidentFactory,
    PlannedWorkFactory,
    QuestionFactory,
    RightsRequestFactory,
    SurveyFactory,
    TicketFactory,
    answer,
)


def make_convention() -> Any:
    return RgcFactory().structure.conventions.get()


def make_import_run() -> ImportRun:
    return ImportRun.objects.create(files=["essai.jsonl"], read=1)


def make_reject() -> Quarantine:
    return Quarantine.objects.create(
        run=make_import_run(), file="essai.jsonl", line=3, reason="Ligne illisible."
    )


def make_outcome_code() -> OutcomeCode:
    number = OutcomeCode.objects.count()
    return OutcomeCode.objects.create(
        code=f"essai-{number}", label=f"Essai {number}", kind="non_retenu"
    )


def make_referral() -> Any:
    referral = ReferralFactory(handed_over=True, offer__agency_safir="38086")
    DocumentFactory(act=referral, ready=True)
    end(referral)
    return referral


def make_cv_request() -> Any:
    cv_request = CvRequestFactory(sent=True, offer__agency_safir="38086")
    CvFileFactory(cv_request=cv_request)
    CvLetterFactory(act=cv_request)
    return cv_request


def make_screened_referral() -> Any:
    act = ScreenedReferralFactory(shortlisted=True, criteria_met=["Permis : B"])
    sheet_of(act)
    record_outcome(act)
    return act


def make_appointment() -> Any:
    return AppointmentFactory(
        in_slot=True, handed_over=True, offer__agency_safir="38086"
    )


def make_alert() -> Alert:
    alert: Alert = AlertFactory()
    record(Action.PERSON_READ, by=alert.account)
    return alert


def make_ticket() -> Any:
    ticket = TicketFactory(taken=True)
    ticket.notes.create(text="Voir avec la région.", by=ticket.assignee)
    return ticket


def make_survey() -> Survey:
    """One that is over, of a year of its own."""
    day = dt.date(2020 - Survey.objects.count(), 3, 1)
    survey: Survey = SurveyFactory(opens_on=day, closes_on=day)
    answer(survey, 6, comment="Plus de raccourcis.")
    return survey


def make_job_run() -> JobRun:
    return JobRun.objects.create(
        name=uuid.uuid4().hex, every=dt.timedelta(hours=1), ended_at=timezone.now()
    )


def make_finding() -> TextFinding:
    return TextFinding.objects.create(
        place="referrals.savedsearch.name",
        target_id=uuid.uuid4().hex,
        category="sante",
        version=1,
    )


# One row of each register, with all that its list and sheet show.
MAKERS: dict[str, Any] = {
    "accounts.agency": lambda: AgencyFactory(parent=AgencyFactory()),
    "accounts.structure": StructureFactory,
    "accounts.convention": make_convention,
    "accounts.nomination": NominationFactory,
    "accounts.teamreview": TeamReviewFactory,
    "accounts.user": AdviserFactory,
    "accounts.letter": LetterFactory,
    "accounts.modeltext": ModelTextFactory,
    "accounts.partnership": lambda: ConventionFactory().parent,
    "accounts.amendment": lambda: AmendmentFactory(quota=30, ft_contact="M. Essai"),
    "accounts.ending": EndingFactory,
    "accounts.breach": lambda: BreachFactory(notified=True),
    "accounts.reviewmeeting": lambda: ReviewMeetingFactory(written=True),
    "support.announcement": lambda: AnnouncementFactory(change=True),
    "support.incident": IncidentFactory,
    "support.plannedwork": PlannedWorkFactory,
    "support.survey": make_survey,
    "offers.offer": OfferFactory,
    "offers.importrun": make_import_run,
    "offers.quarantine": make_reject,
    "offers.eventquarantine": RejectedEventFactory,
    "offers.feeddelivery": FeedDeliveryFactory,
    "offers.feedevent": FeedEventFactory,
    "offers.pullrun": PullRunFactory,
    "offers.pullfinding": PullFindingFactory,
    "offers.everydayword": lambda: EverydayWord.objects.create(
        words=f"zinguerie d’art {EverydayWord.objects.count()}", trades=["F1619"]
    ),
    "offers.missedword": lambda: MissedWord.objects.create(
        words=f"zinguerie {MissedWord.objects.count()}"
    ),
    "referrals.outcomecode": make_outcome_code,
    "referrals.referral": make_referral,
    "referrals.cvrequest": make_cv_request,
    "referrals.screenedreferral": make_screened_referral,
    "referrals.slot": lambda: make_appointment().slot,
    "referrals.appointment": make_appointment,
    "accounts.alert": make_alert,
    "support.ticket": make_ticket,
    "support.question": QuestionFactory,
    "support.guide": GuideFactory,
    "support.certifiedbrowser": CertifiedBrowserFactory,
    "support.rightsrequest": lambda: RightsRequestFactory(under_way=True, ready=True),
    "lib.auditentry": lambda: record(Action.SIGN_IN, by=AdviserFactory()),
    "lib.jobrun": make_job_run,
    "lib.textfinding": make_finding,
    "lib.purgerun": lambda: PurgeRun.objects.create(counts={"ACTS": {"candidats": 3}}),
    "accounts.accounthold": AccountHoldFactory,
    "referrals.candidatehold": CandidateHoldFactory,
    "referrals.caseloadtransfer": CaseloadTransferFactory,
    "lib.finding": lambda: Finding.objects.create(
        name=uuid.uuid4().hex, count=2, checked_at=timezone.now()
    ),
    "lib.outboxentry": lambda: OutboxEntry.objects.create(
        effect="epreuve", key=uuid.uuid4()
    ),
}


def list_url(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def record_url(instance: Any) -> str:
    label = instance._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{label}_change", args=[instance.pk])


def action_url(instance: Any, slug: str) -> str:
    label = instance._meta.label_lower.replace(".", "_")
    return reverse(f"admin:{label}_action", args=[instance.pk, slug])


def text_of(response: Any) -> str:
    return response.content.decode()


def entries_since(count: int) -> list[tuple[str, str, str]]:
    """What the journal got since it held so many entries."""
    rows = AuditEntry.objects.order_by("pk")[count:]
    return [(row.action, row.target_id, row.refused) for row in rows]
