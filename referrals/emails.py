"""E-mails about candidates and acts, without names."""

import datetime as dt
from collections import Counter

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import User
from offers.models import OfferState
from opus.lib import outbox
from opus.lib.outbox import Button, letter
from referrals.kinds import PLACEMENTS, every_act
from referrals.models import (
    Correction,
    CvRequest,
    ScreenedReferral,
    ScreenedState,
    StandIn,
)


@outbox.mail("caseload-received")
def caseload_received(
    *, account: int, to: int, people: int, acts: int
) -> EmailMessage | None:
    reader = User.objects.get(pk=to)
    if not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="des personnes à accompagner vous sont confiées",
        template="emails/caseload_received.txt",
        context={
            "giver": User.objects.get(pk=account),
            "people": people,
            "acts": acts,
        },
        button=Button("Voir mes candidats", outbox.link(reverse("candidates"))),
    )


@outbox.mail("caseload-confided")
def caseload_confided(*, stand_in: str, to: int, since: int) -> EmailMessage | None:
    """Notify both of a stand-in; ``since``: index in ``User.recent_addresses``."""
    told = StandIn.objects.ahead().select_related("owner", "colleague")
    confided, reader = told.filter(pk=stand_in).first(), User.objects.get(pk=to)
    if confided is None or not reader.is_active:
        return None
    is_owner = confided.owner_id == to
    return letter(
        to=reader.address_since(since),
        subject="vos suivis sont confiés pour un temps"
        if is_owner
        else "des suivis vous sont confiés pour un temps",
        template="emails/caseload_confided.txt",
        context={"confided": confided, "is_owner": is_owner},
        button=Button("Voir mes candidats", outbox.link(reverse("candidates"))),
    )


@outbox.mail("caseload-taken-back")
def caseload_taken_back(*, stand_in: str, to: int) -> EmailMessage | None:
    """Notify both, except who ended it."""
    told = StandIn.objects.select_related("owner", "colleague")
    confided, reader = told.get(pk=stand_in), User.objects.get(pk=to)
    if not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="des suivis confiés sont repris",
        template="emails/caseload_taken_back.txt",
        context={"confided": confided, "is_owner": confided.owner_id == to},
        button=Button("Voir mes candidats", outbox.link(reverse("candidates"))),
    )


@outbox.mail("acts-silent")
def acts_silent(*, adviser: int) -> EmailMessage | None:
    """Acts without news for two weeks (domain 5.8)."""
    reader = User.objects.get(pk=adviser)
    silent = [
        model.objects.visible_to(reader).silent_for(settings.ACT_REMINDED_AFTER[0])
        for model in PLACEMENTS
    ]
    acts = sum(some.count() for some in silent)
    if not acts or not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="une mise en contact sans nouvelles"
        if acts == 1
        else f"{acts} mises en contact sans nouvelles",
        template="emails/acts_silent.txt",
        context={
            "person": reader,
            "acts": acts,
            "days": settings.ACT_REMINDED_AFTER[0].days,
            "closed_after": settings.ACT_CLOSED_AFTER.days,
        },
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


@outbox.mail("offers-withdrawn")
def offers_withdrawn(*, adviser: int, told_at: str) -> EmailMessage | None:
    reader = User.objects.get(pk=adviser)
    at = dt.datetime.fromisoformat(told_at)
    acts = every_act(
        lambda acts: (
            acts.visible_to(reader)
            .live()
            .on_withdrawn_offers()
            .filter(withdrawal_told_at=at)
        ),
        "offer_id",
    )
    counts = Counter(offer for _, offer in acts)
    offers = [{"offer_id": one, "acts": counts[one]} for one in sorted(counts)]
    if not offers or not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="une offre de vos mises en contact est retirée"
        if len(offers) == 1
        else "des offres de vos mises en contact sont retirées",
        template="emails/offers_withdrawn.txt",
        context={"person": reader, "offers": offers},
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


@outbox.mail("cv-answered")
def cv_answered(*, cv_request: str) -> EmailMessage | None:
    act = CvRequest.objects.select_related("candidate__adviser").get(pk=cv_request)
    reader = act.candidate.follower
    if not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="France Travail a répondu à une demande de CV",
        template="emails/cv_answered.txt",
        context={"person": reader, "number": act.number},
        button=Button("Lire la réponse", outbox.link(act.get_absolute_url())),
    )


@outbox.mail("cvs-overdue")
def cvs_overdue(*, adviser: int) -> EmailMessage | None:
    """Overdue CVs (domain 5.8)."""
    reader = User.objects.get(pk=adviser)
    mine = CvRequest.objects.visible_to(reader).overdue()
    overdue = mine.filter(offer__state=OfferState.ACTIVE).count()
    if not overdue or not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="un CV attendu est en retard"
        if overdue == 1
        else f"{overdue} CV attendus sont en retard",
        template="emails/cvs_overdue.txt",
        context={
            "person": reader,
            "overdue": overdue,
            "closed_after": settings.CV_CLOSED_AFTER.days,
        },
        button=Button(
            "Voir les CV en retard",
            outbox.link(f"{reverse('cv_requests')}?etat=en-retard"),
        ),
    )


@outbox.mail("application-answered")
def application_answered(*, adviser: int, act: str, state: str) -> EmailMessage | None:
    """Set aside, or incomplete (domain 5.3): number and link (V17)."""
    reader = User.objects.get(pk=adviser)
    mine = ScreenedReferral.objects.visible_to(reader)
    # Taken up again meanwhile, or confided to a colleague: there is nothing to say.
    answered = mine.filter(pk=act, state=state).first()
    if answered is None or not reader.is_active:
        return None
    is_set_aside = state == ScreenedState.SET_ASIDE
    return letter(
        to=reader.email,
        subject="une candidature n’est pas retenue"
        if is_set_aside
        else "un complément est demandé pour une candidature",
        template="emails/application_answered.txt",
        context={"person": reader, "act": answered, "is_set_aside": is_set_aside},
        button=Button("Voir la candidature", outbox.link(answered.get_absolute_url())),
    )


@outbox.mail("data-corrected")
def data_corrected(*, gesture: str, to: int) -> EmailMessage | None:
    """A person's data were corrected: the acts, no values (V14, V18)."""
    reader = User.objects.get(pk=to)
    row = Correction.objects.filter(gesture=gesture).first()
    if row is None or not reader.is_active:
        return None
    acts = every_act(lambda acts: acts.filter(candidate=row.candidate_id), "number")
    numbers = sorted(number for _, number in acts)
    if not numbers:
        return None
    page = reverse("admin:index") if reader.is_staff else reverse("home")
    return letter(
        to=reader.email,
        subject="des données d’une personne ont été rectifiées",
        template="emails/data_corrected.txt",
        context={"numbers": numbers},
        button=Button("Ouvrir Opus", outbox.link(page)),
    )
