"""The four steps, and what each has saved: the real objects, in their first state.

There is no draft beside them: a structure, a convention in draft and a proposal are
what the registers show already, and each is whole. The rules, rights and journal are
those of their own pages.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.agreements.enums import ConventionState
from accounts.agreements.models.conventions import Convention
from accounts.nominations.enums import OPEN_STATES
from accounts.nominations.models import Nomination
from accounts.structures.models import Agency, AgencyKind, Structure
from accounts.users.models.users import User

# What the path says beside a field, in place of the page's own words.
HELP = {
    "number": "Proposé : le suivant du département.",
    "agency": "Elle examine les candidatures et suit la convention.",
    "signed_consultation": "Toutes, y compris celles qui ne sont publiées nulle part.",
    "signed_referrals": "Propositions (mise en contact, demande de CV, convocation).",
    "signed_quota": "RGC non compté.",
}
PARTNERSHIP = ("number", "partner", "signed_on", "ends_on")


@dataclass(frozen=True)
class Step:
    slug: str
    title: str
    # As the button of the step before names it.
    name: str
    hint: str
    model: Any = None
    # Titles and fields of the form.
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def fields(self) -> list[str]:
        return [name for _, names in self.parts for name in names]


STEPS = (
    Step(
        "structure",
        "Structure",
        "la structure",
        "qui elle est, où elle est",
        Structure,
        (
            ("Qui elle est", ("name", "siret", "kind", "sender_name")),
            (
                "Où elle est",
                ("address", "postcode", "commune_code", "phone", "email", "agency"),
            ),
        ),
    ),
    Step(
        "convention",
        "Convention",
        "la convention",
        "annexes 1 et 2",
        Convention,
        (
            ("Durée", ("number", "starts_on", "ends_on", "parent")),
            (
                "Annexe 1 : ce que la structure pourra faire",
                ("signed_consultation", "signed_referrals"),
            ),
            (
                "Annexe 2 : comptes et correspondants",
                (
                    "signed_quota",
                    "agency",
                    "signed_partner_contact",
                    "signed_partner_contact_email",
                    "signed_partner_contact_phone",
                    "signed_ft_contact",
                    "signed_ft_contact_email",
                    "signed_ft_contact_phone",
                ),
            ),
            (
                "Signataires",
                (
                    "partner_signatory",
                    "deliberation",
                    "deliberated_on",
                    "ft_signatory",
                    "signing_place",
                ),
            ),
        ),
    ),
    Step(
        "rgc",
        "RGC",
        "le RGC",
        "proposé par la structure",
        Nomination,
        (
            ("La personne", ("first_name", "last_name", "email", "function")),
            (
                "Ce que l’article 4.1 demande",
                ("is_permanent_staff", "has_responsibility"),
            ),
            ("La lettre de la structure", ("proposed_on", "proposal_reference")),
        ),
    ),
    Step("verifier", "Vérifier", "vérifier", "puis faire signer"),
)
FIRST, CHECK = STEPS[0], STEPS[-1]


def in_the_making() -> QuerySet[Structure]:
    """Return structures without a convention that was ever signed."""
    signed = Convention.objects.ever_signed().filter(structure=OuterRef("pk"))
    return Structure.objects.filter(~Exists(signed))


def with_next_step(structures: QuerySet[Structure]) -> list[tuple[Structure, "Step"]]:
    """Return each with the step to do, by one query."""
    drafts = Convention.objects.filter(
        structure=OuterRef("pk"), state=ConventionState.DRAFT
    )
    proposals = Nomination.objects.filter(
        convention__structure=OuterRef("pk"),
        convention__state=ConventionState.DRAFT,
        state__in=OPEN_STATES,
    )
    rows: Any = structures.annotate(begun=Exists(drafts), proposed=Exists(proposals))
    return [(row, STEPS[1 + row.begun + row.proposed]) for row in rows]


class Draft:
    def __init__(self, structure: Structure | None = None) -> None:
        self.structure = structure
        self.convention: Convention | None = None
        self.nomination: Nomination | None = None
        if structure:
            drafts = structure.conventions.filter(state=ConventionState.DRAFT)
            drafts = drafts.select_related("parent", "agency").order_by("pk")
            self.convention = drafts.last()
        if self.convention:
            proposals = self.convention.nominations.filter(state__in=OPEN_STATES)
            self.nomination = proposals.order_by("pk").last()

    def saved(self, step: Step) -> Any:
        return {
            Structure: self.structure,
            Convention: self.convention,
            Nomination: self.nomination,
        }.get(step.model)

    @property
    def next_step(self) -> Step:
        return next((step for step in STEPS if self.saved(step) is None), CHECK)

    def is_open(self, step: Step) -> bool:
        before = STEPS[: STEPS.index(step)]
        return all(self.saved(one) is not None for one in before)

    def begin(self, step: Step) -> Any:
        if step.model is Convention:
            agency = self.structure.agency if self.structure else None
            return Convention(structure=self.structure, agency=agency)
        if step.model is Nomination:
            return Nomination(convention=self.convention)
        return step.model()

    def proposed(self, step: Step, user: User) -> dict[str, Any]:
        today = timezone.localdate()
        if step.model is Convention and self.structure:
            function = f", {user.function}" if user.function else ""
            return {
                "number": Convention.objects.next_number(self.structure.postcode),
                "starts_on": today,
                "signed_referrals": True,
                "signed_ft_contact": f"{user.get_full_name()}{function}",
                "signed_ft_contact_email": user.email,
                "signed_ft_contact_phone": user.phone,
                "signing_place": self.structure.city,
            }
        if step.model is Nomination:
            return {"proposed_on": today}
        return {}


def missing_places(agencies: QuerySet[Agency]) -> list[AgencyKind]:
    """Return the levels of the network that nothing was recorded of."""
    known = set(agencies.order_by().values_list("kind", flat=True).distinct())
    needed = (AgencyKind.REGION, AgencyKind.TERRITORY, AgencyKind.AGENCY)
    return [kind for kind in needed if kind not in known]
