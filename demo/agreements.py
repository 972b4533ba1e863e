"""The demo's change of RGC under way, and its breach file (art. 4.3, 12)."""

import datetime as dt

from django.utils import timezone

from accounts.agreements import actions, documents, letters
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import Carrier, Letter, LetterKind
from accounts.agreements.models.terminations import Breach, BreachReason, BreachState
from accounts.nominations.actions import accept
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from demo import people
from demo.team import ago

DIRECTOR = "Paul Garnier, directeur territorial de l’Isère"
FACTS = (
    "Le compte d’une personne qui a quitté la structure en septembre est resté ouvert "
    "jusqu’en novembre, et a servi deux fois entre-temps. La confirmation "
    "trimestrielle des comptes n’a pas été donnée."
)
# Days ago: opened, signed, posted; presented two days later.
OPENED, SIGNED, POSTED, PRESENTED = 16, 15, 14, 12


def seed_agreements() -> int:
    """Seed a successor to validate, and a breach file under observation."""
    if Breach.objects.exists():
        return 0
    successor = Nomination.objects.get(state=NominationState.PROPOSED)
    seed_breach(successor.convention)
    accept(
        successor,
        by=people.FT_COLLEAGUE.account,
        decided_on=timezone.localdate() - dt.timedelta(days=1),
        decision_by=DIRECTOR,
        reference="DT38-2026-131",
    )
    return 2


def seed_breach(convention: Convention) -> None:
    """Seed a file whose letter was presented: the month runs (art. 12)."""
    admin, colleague = people.FT_ADMIN.account, people.FT_COLLEAGUE.account
    reasons = [str(BreachReason.NOT_CLOSED)]
    breach = actions.open_breach(convention, by=admin, reasons=reasons, facts=FACTS)
    breach.sign(by=colleague)
    letter = Letter(
        kind=LetterKind.BREACH,
        convention=convention,
        breach=breach,
        rank=convention.letters.count() + 1,
        addressee=documents.addressee_of(convention.structure),
        made_by=colleague,
        created_at=ago(SIGNED),
        carrier=Carrier.LA_POSTE,
        registered_number="RK123456785FR",
        posted_on=ago(POSTED).date(),
        received_on=ago(PRESENTED).date(),
    )
    body = documents.body_of(letter, on=ago(SIGNED).date(), signatory=DIRECTOR)
    letter.freeze(body)
    letter.save()
    letters.update_breach(letter, by=admin)
    for state, days in (
        (BreachState.PROPOSED, OPENED),
        (BreachState.OPEN, SIGNED),
        (BreachState.NOTIFIED, POSTED),
    ):
        breach.steps.filter(target=state).update(at=ago(days))
