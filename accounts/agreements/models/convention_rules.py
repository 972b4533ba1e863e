"""Database constraints of conventions (art. 13)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.agreements.enums import IN_FORCE_STATES, UNSIGNED_STATES, ConventionState
from accounts.agreements.models.signatures import signature_checks
from opus.lib.database.states import known
from opus.lib.dates import days_from, days_within
from opus.lib.forms.fields import phones_written

CONSTRAINTS = [
    days_within(
        "signed_by_ft_on",
        "signed_by_structure_on",
        "starts_on",
        "ends_on",
        "parent_ends_on",
        name="convention_within_the_years",
    ),
    phones_written(
        "signed_ft_contact_phone",
        "signed_partner_contact_phone",
        name="phones_of_a_convention",
    ),
    models.CheckConstraint(
        condition=Q(ends_on__gte=F("starts_on")),
        name="convention_ends_after_it_starts",
        violation_error_message="La convention prend fin avant de prendre "
        "effet : vérifiez les deux dates.",
    ),
    models.CheckConstraint(
        # A terminated one may have had a longer term.
        condition=Q(state__in=(ConventionState.TERMINATED, ConventionState.ABANDONED))
        | Q(ends_on__lte=F("parent_ends_on")),
        name="convention_within_its_parent",
        violation_error_message="La convention d’application ne peut pas durer "
        "plus que la convention de partenariat (art. 13).",
    ),
    models.CheckConstraint(
        condition=Q(state__in=UNSIGNED_STATES)
        | Q(
            signed_by_ft_on__isnull=False,
            signed_by_structure_on__isnull=False,
            signed_by_ft_on__lte=F("starts_on"),
            signed_by_structure_on__lte=F("starts_on"),
        ),
        name="convention_signed_before_it_starts",
        violation_error_message="Une convention signée porte ses deux dates "
        "de signature, et ne prend pas effet avant la dernière (art. 13).",
    ),
    *signature_checks(),
    known(ConventionState, "convention_state_is_known"),
    ExclusionConstraint(
        name="one_convention_in_force",
        expressions=[
            ("structure", RangeOperators.EQUAL),
            (days_from("starts_on", to="ends_on"), RangeOperators.OVERLAPS),
        ],
        condition=Q(state__in=IN_FORCE_STATES),
        violation_error_message="Une autre convention de cette structure "
        "couvre déjà une partie de ces dates.",
    ),
    ExclusionConstraint(
        expressions=[("renews", RangeOperators.EQUAL)],
        condition=~Q(state__in=(ConventionState.TERMINATED, ConventionState.ABANDONED)),
        name="one_renewal_at_a_time",
        violation_error_message="Le renouvellement de cette convention est déjà "
        "préparé : ouvrez-le depuis sa fiche.",
    ),
]
