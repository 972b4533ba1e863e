"""Candidates and acts, with a trait for each state."""

import datetime as dt

import factory
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.agreements.models.articles import digest_of
from opus.lib.background_files import FileState
from referrals.acts.models import draw_act_number
from referrals.acts.outcomes import DeclaredBy, Outcome
from referrals.acts.states import AppointmentState, ReferralState
from referrals.appointments.models import Appointment, DateProposal, MeetingMode, Slot
from referrals.candidates.models import Candidate, StandIn
from referrals.caseloads.models import CaseloadTransfer, TransferKind, TransferState
from referrals.direct.models import Referral
from referrals.documents.models import Document
from referrals.favourites.models import Favourite
from referrals.privacy.models import CandidateHold
from referrals.saved_searches.models import SavedSearch
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    RgcFactory,
    lettered,
)
from tests.offers.helpers.factories import OfferFactory


class CandidateFactory(DjangoModelFactory):
    class Meta:
        model = Candidate

    adviser = factory.SubFactory(AdviserFactory)
    structure = factory.SelfAttribute("adviser.structure")
    first_name = "Karim"
    last_name = factory.Sequence(lambda n: f"Candidat{lettered(n)}")
    ft_id = factory.Sequence(lambda n: f"{n:07d}A")
    email = factory.Sequence(lambda n: f"karim.candidat{n}@messagerie.example")
    phone = "06 39 98 00 00"
    address = "12 rue des Lilas"
    postcode = "38080"
    city = "L’Isle-d’Abeau"


class SavedSearchFactory(DjangoModelFactory):
    """« Maçon autour de L'Isle-d'Abeau », opened an hour ago."""

    class Meta:
        model = SavedSearch

    account = factory.Maybe("candidate", None, factory.SubFactory(AdviserFactory))
    candidate = None
    name = factory.Sequence(lambda n: f"Maçon {n}")
    query = "q=macon&lieu=38193"
    opened_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(hours=1))
    seen_until = factory.SelfAttribute("opened_at")
    notified_until = factory.SelfAttribute("opened_at")


class CaseloadTransferFactory(DjangoModelFactory):
    """Three persons that an RGC wants for himself, since a moment."""

    class Meta:
        model = CaseloadTransfer

    class Params:
        due = factory.Trait(
            asked_at=factory.LazyFunction(
                lambda: timezone.now() - dt.timedelta(hours=25)
            )
        )
        # Applied at once, by the giver himself.
        own = factory.Trait(
            asked_by=factory.SelfAttribute("account"),
            at_once="soi",
            state=TransferState.DONE,
            ready_at=factory.SelfAttribute("asked_at"),
            done_at=factory.SelfAttribute("asked_at"),
        )

    account = factory.SubFactory(AdviserFactory)
    asked_by = factory.LazyAttribute(
        lambda one: RgcFactory(structure=one.account.structure, in_office=False)
    )
    others_to = factory.SelfAttribute("asked_by")
    people = 3
    acts = 0
    asked_at = factory.LazyFunction(timezone.now)
    ready_at = factory.LazyAttribute(lambda one: one.asked_at + dt.timedelta(hours=24))


@transaction.atomic
def entrust(person, to):
    """Give a person to a colleague, by a decision."""
    Candidate.objects.filter(pk=person.pk).update(
        adviser=to,
        transfer=CaseloadTransferFactory(
            account=person.adviser,
            asked_by=to,
            others_to=to,
            state=TransferState.DONE,
            confirmed_by=person.adviser,
            done_at=timezone.now(),
        ),
    )


class StandInFactory(DjangoModelFactory):
    """Confided from today on, for ten days, to a colleague, by a decision."""

    class Meta:
        model = StandIn

    owner = factory.SubFactory(AdviserFactory)
    structure = factory.SelfAttribute("owner.structure")
    colleague = factory.SubFactory(
        AdviserFactory, structure=factory.SelfAttribute("..structure")
    )
    starts_on = factory.LazyFunction(timezone.localdate)
    ends_on = factory.LazyAttribute(lambda one: one.starts_on + dt.timedelta(days=9))
    created_by = factory.SelfAttribute("owner")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with transaction.atomic():
            transfer = CaseloadTransferFactory(
                own=True,
                kind=TransferKind.FOR_A_TIME,
                account=kwargs["owner"],
                others_to=kwargs["colleague"],
                starts_on=kwargs["starts_on"],
                ends_on=kwargs["ends_on"],
            )
            return super()._create(model_class, *args, transfer=transfer, **kwargs)


class ActFactory(DjangoModelFactory):
    """What every act has; its number as the action draws it."""

    class Meta:
        abstract = True

    candidate = factory.SubFactory(CandidateFactory)
    adviser = factory.SelfAttribute("candidate.adviser")
    structure = factory.SelfAttribute("candidate.structure")
    offer = factory.SubFactory(OfferFactory)

    @classmethod
    def _build(cls, model_class, *args, **kwargs):
        kwargs.setdefault("number", draw_act_number(model_class.PREFIX))
        return model_class.draft(**kwargs)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        act = cls._build(model_class, *args, **kwargs)
        act.save_new()
        return act


class ReferralFactory(ActFactory):
    class Meta:
        model = Referral

    class Params:
        handed_over = factory.Trait(
            state=ReferralState.HANDED_OVER,
            channel="main",
            handed_over_on=dt.date(2026, 11, 20),
        )
        contacted = factory.Trait(handed_over=True, state=ReferralState.CONTACTED)
        interview = factory.Trait(handed_over=True, state=ReferralState.INTERVIEW)
        cancelled = factory.Trait(state=ReferralState.CANCELLED)


class SlotFactory(DjangoModelFactory):
    """Tomorrow at the agency of the offers of ``OfferFactory``, for one person."""

    class Meta:
        model = Slot

    agency = factory.SubFactory(AgencyFactory, safir="38086")
    at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=1))
    minutes = 30
    mode = MeetingMode.PLACE
    # Each has its own place: two at one place and hour would overlap.
    where = factory.Sequence(
        lambda n: f"{n + 1} place de l’Emploi, 38090 Villefontaine"
    )
    capacity = 1
    opened_by = factory.SubFactory(AgentFactory)


class AppointmentFactory(ActFactory):
    """In three days at the agency, of the adviser's own choice."""

    class Meta:
        model = Appointment

    class Params:
        handed_over = factory.Trait(
            state=AppointmentState.HANDED_OVER,
            channel="main",
            handed_over_on=dt.date(2026, 11, 20),
        )
        past = factory.Trait(
            at=factory.LazyFunction(lambda: timezone.now() - dt.timedelta(hours=2))
        )
        attended = factory.Trait(
            past=True,
            state=AppointmentState.ATTENDED,
            channel="main",
            handed_over_on=dt.date(2026, 11, 20),
        )
        absent = factory.Trait(
            past=True, state=AppointmentState.ABSENT, reason="excusee"
        )
        cancelled = factory.Trait(
            state=AppointmentState.CANCELLED, reason="organisateur"
        )
        in_slot = factory.Trait(
            slot=factory.SubFactory(
                SlotFactory, at=factory.SelfAttribute("..at"), capacity=1
            )
        )

    offer = factory.SubFactory(OfferFactory, preselected=True)
    at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=3))
    minutes = 30
    mode = MeetingMode.PLACE
    where = "1 place de l’Emploi, 38090 Villefontaine"


class DateProposalFactory(DjangoModelFactory):
    """The agency's own date, instead of the adviser's, which it refused."""

    class Meta:
        model = DateProposal

    appointment = factory.SubFactory(
        AppointmentFactory, date_refused_at=factory.LazyFunction(timezone.now)
    )
    at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=5))
    where = factory.SelfAttribute("appointment.where")
    because = "agence"
    proposed_by = factory.SubFactory(AgentFactory)


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = Document

    class Params:
        ready = factory.Trait(
            state=FileState.READY,
            content=b"%PDF-1.7 essai",
            ready_at=dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC),
        )

    act = factory.SubFactory(ReferralFactory)
    candidate = factory.SelfAttribute("act.candidate")
    title = factory.LazyAttribute(lambda document: f"Mise en contact {document.act}")
    html = "<h1>Maçon / Maçonne</h1>"
    html_sha256 = factory.LazyAttribute(lambda o: digest_of(o.html.encode()))


class FavouriteFactory(DjangoModelFactory):
    class Meta:
        model = Favourite

    candidate = factory.SubFactory(CandidateFactory)
    offer = factory.SubFactory(OfferFactory)


class CandidateHoldFactory(AccountHoldFactory):
    class Meta:
        model = CandidateHold

    account = None
    candidate = factory.SubFactory(CandidateFactory)

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        kwargs.pop("account")
        return kwargs


def end(referral, code="embauche"):
    """Bring an act that was handed over to its outcome, past the actions."""
    outcome = Outcome.objects.create(
        act=referral,
        code_id=code,
        declared_by=DeclaredBy.EMPLOYER,
        # After the offer's content, which is two days old: it cannot know of the hire.
        on=timezone.localdate() - dt.timedelta(days=1),
        by=referral.adviser,
    )
    referral.move_to(ReferralState.ENDED, by=referral.adviser, outcome=outcome)
