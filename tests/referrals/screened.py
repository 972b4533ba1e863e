"""Applications on offers with preselection: how tests make and walk them."""

import datetime as dt
import uuid

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from referrals.acts.act_rights import ActKind
from referrals.acts.outcomes import OutcomeCode
from referrals.acts.states import ScreenedState
from referrals.follow_up import actions
from referrals.making.actions import make
from referrals.preselection import actions as screened
from referrals.preselection.models import ApplicationQuestion, ScreenedReferral
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import ActFactory, DocumentFactory

S = ScreenedState
# What an offer may ask, in its own words.
ASKS = {
    "experienceCommentaire": "en maçonnerie",
    "competences": [
        {"libelle": "Couler une dalle", "exigence": "E"},
        {"libelle": "Lire un plan", "exigence": "S"},
    ],
    "permis": [{"libelle": "B - Véhicule léger", "exigence": "S"}],
    "formations": [{"niveauLibelle": "CAP", "exigence": "E"}],
    "contact": {"nom": "M. Essai", "courriel": "recrutement@employeur.example"},
    "agence": {"telephone": "04 65 71 00 01", "courriel": "ape.38086@ft.example"},
}


QUESTION = "Quels jours est-elle libre ?"


class QuestionFactory(DjangoModelFactory):
    """What the agency asked, without an answer."""

    class Meta:
        model = ApplicationQuestion

    text = QUESTION
    asked_by = factory.SubFactory(AgentFactory)


class ScreenedReferralFactory(ActFactory):
    """An act past the actions; its offer delegates the preselection."""

    class Meta:
        model = ScreenedReferral
        skip_postgeneration_save = True

    class Params:
        given = factory.Trait(channel="main", handed_over_on=dt.date(2026, 11, 20))
        to_review = factory.Trait(given=True, state=S.TO_REVIEW)
        shortlisted = factory.Trait(given=True, state=S.SHORTLISTED)
        presented = factory.Trait(given=True, state=S.PRESENTED)
        asked_for_more = factory.Trait(
            given=True,
            state=S.ASKED_FOR_MORE,
            question=factory.RelatedFactory(
                "tests.referrals.screened.QuestionFactory", "act"
            ),
        )

    offer = factory.SubFactory(OfferFactory, delegated_preselection=True)


def today():
    return timezone.localdate()


def propose(offer, candidate, **details):
    """The act as the pages make it."""
    act = make(
        ActKind.SCREENED_REFERRAL,
        offer.pk,
        candidate.pk,
        by=candidate.adviser,
        key=details.pop("key", None) or uuid.uuid4(),
        **details,
    )
    assert isinstance(act, ScreenedReferral)
    return act


def agent_of(act):
    """Somebody of the offer's agency."""
    return AgentFactory(agency=AgencyFactory(safir=act.offer.agency_safir))


def hand_over(act, by=None):
    actions.hand_over(act, by=by or act.adviser, channel="main", on=today())


def record(act, code="embauche", by=None):
    return actions.record_outcome(
        act,
        by=by or act.adviser,
        code=OutcomeCode.objects.get(pk=code),
        declared_by="employeur",
        on=today(),
    )


def in_state(state, *, agent, **kwargs):
    """An act that came there by the steps of its adviser and of the agency."""
    act = ScreenedReferralFactory(**kwargs)
    if state == S.CANCELLED:
        actions.cancel(act, by=act.adviser)
    elif state == S.HANDED_OVER:
        # Handing over goes on by itself: only a transaction cut short would stay here.
        super(ScreenedReferral, act).hand_over(
            by=act.adviser, channel="main", on=today()
        )
    elif state != S.PROPOSED:
        hand_over(act)
    if state == S.ASKED_FOR_MORE:
        screened.ask_for_more(act, by=agent, text=QUESTION)
    elif state == S.SET_ASIDE:
        screened.set_aside(act, by=agent, reason="mobilite")
    elif state in {S.SHORTLISTED, S.PRESENTED, S.INTERVIEW, S.ENDED}:
        screened.shortlist(act, by=agent)
        if state != S.SHORTLISTED:
            screened.present(act, by=agent, on=today())
        if state == S.INTERVIEW:
            actions.interview(act, by=act.adviser)
        if state == S.ENDED:
            record(act)
    return ScreenedReferral.objects.get(pk=act.pk)


def sheet_of(act, **traits):
    """A sheet of the act, past the worker."""
    return DocumentFactory(act=act, **traits)
