"""Structures: what waits."""

from django.db.models import DateField, Expression, F, OuterRef, Subquery
from django.db.models.functions import Cast

from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.structures.models import Structure
from accounts.users.models.users import User
from opus.desk.queues import Queue, Trade


def may_begin(user: User) -> bool:
    return bool(user.has_perm("accounts.add_structure"))


def first_draft() -> Expression:
    """Return the day when a structure's convention in draft begins."""
    drafts = Convention.objects.filter(
        structure=OuterRef("pk"), state=ConventionState.DRAFT
    )
    days = Subquery(drafts.order_by("-pk").values("starts_on")[:1])
    return Cast(days, DateField())


QUEUES = (
    Queue(
        slug="a-finir",
        trade=Trade.AGREEMENTS,
        label="Nouveaux partenaires à finir",
        task="Finir un nouveau partenaire",
        verb="Reprendre",
        model=Structure,
        waiting=lambda rows: rows.exclude(
            pk__in=Convention.objects.ever_signed().values("structure")
        ),
        filters={"convention": "jamais"},
        who=F("name"),
        what=F("city"),
        due=first_draft(),
        doer=may_begin,
    ),
    Queue(
        slug="communes",
        trade=Trade.AGREEMENTS,
        label="Structures sans commune connue",
        task="Choisir la commune d’une structure",
        verb="Choisir",
        model=Structure,
        waiting=lambda rows: rows.without_commune(),
        filters={"commune": "inconnue"},
        who=F("name"),
        what=F("city"),
    ),
)
