"""Requests of article 10, with a trait for each state."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from opus.desk.models import (
    Check,
    PersonFile,
    PersonKind,
    RequestState,
    Right,
    RightsRequest,
    Route,
)
from opus.desk.rights.register import seal
from tests.accounts.factories import AdviserFactory, AgencyFactory, FtAdminFactory

CHECKED = {
    "check_done": Check.IN_PERSON,
    "checked_on": factory.LazyFunction(timezone.localdate),
}


class RightsRequestFactory(DjangoModelFactory):
    """An adviser's, to the DPO, received today; whose account it is stands in it."""

    class Meta:
        model = RightsRequest
        skip_postgeneration_save = True

    class Params:
        registered = factory.Trait(
            kind=PersonKind.REGISTERED,
            addressed_to=Route.AGENCY,
            account=None,
            agency=factory.SubFactory(AgencyFactory, safir="38086"),
        )
        misrouted = factory.Trait(addressed_to=Route.AGENCY)
        verified = factory.Trait(state=RequestState.VERIFIED, **CHECKED)
        under_way = factory.Trait(state=RequestState.UNDER_WAY, **CHECKED)
        answered = factory.Trait(
            state=RequestState.ANSWERED,
            ended_on=factory.LazyFunction(timezone.localdate),
            **CHECKED,
        )
        refused = factory.Trait(
            state=RequestState.REFUSED,
            refused_because="identite",
            ended_on=factory.LazyFunction(timezone.localdate),
        )

    kind = PersonKind.PARTNER
    right = Right.ACCESS
    addressed_to = Route.DPO
    name = "Odile Demandeuse"
    reply_to = "odile.demandeuse@partenaire.example"
    account = factory.SubFactory(AdviserFactory)
    recorded_by = factory.SubFactory(FtAdminFactory)

    @factory.post_generation
    def ready(self, create: bool, extracted: bool, **_: object) -> None:
        """A copy of the data, made and not yet taken."""
        if extracted:
            PersonFileFactory(request=self, ready=True)


class PersonFileFactory(DjangoModelFactory):
    class Meta:
        model = PersonFile

    class Params:
        ready = factory.Trait(
            state="pret",
            content=factory.LazyFunction(lambda: seal(b"essai")),
            size=5,
            ready_at=factory.LazyFunction(timezone.now),
        )

    request = factory.SubFactory(RightsRequestFactory, under_way=True)
    asked_by = factory.SubFactory(FtAdminFactory)
    what = "person"
    title = "Demande"
    format = "zip"
