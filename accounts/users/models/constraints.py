"""Database constraints of an account (art. 5.1, V9)."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower, Replace, Upper

from accounts.users.enums import PARTNER_ROLES, Role, UserState
from opus.lib.database.states import known
from opus.lib.forms.fields import NOT_WHOLE, phones_written, shows_whole

# As it is read: case and hyphens do not count (accounts/users/identifiers.py).
COMPACT = Upper(Replace("identifier", Value("-"), Value("")))

CONSTRAINTS = [
    phones_written("phone", name="phone_of_an_account"),
    models.UniqueConstraint(
        Lower("identifier"),
        name="identifier_of_one_person",
        violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
    ),
    models.UniqueConstraint(
        COMPACT,
        name="identifier_read_as_one_person",
        violation_error_message="Cet identifiant appartient déjà à quelqu’un.",
    ),
    models.UniqueConstraint(
        Lower("email"),
        condition=~Q(state=UserState.CLOSED),
        name="email_of_one_person",
        violation_error_message="Un compte utilise déjà cette adresse de courriel.",
    ),
    models.CheckConstraint(
        condition=Q(role__in=PARTNER_ROLES, structure__isnull=False)
        | Q(role=Role.AGENT, structure__isnull=True, agency__isnull=False)
        | Q(role=Role.FT_ADMIN, structure__isnull=True),
        name="role_fits_its_employer",
        violation_error_message="Un conseiller ou un RGC appartient à une "
        "structure, un agent à une agence.",
    ),
    models.CheckConstraint(
        condition=shows_whole("first_name", "last_name"),
        name="account_name_shows_whole",
        violation_error_message=NOT_WHOLE,
    ),
    known(UserState, "user_state_is_known"),
    models.CheckConstraint(
        condition=Q(erased_at__isnull=True)
        | Q(
            state=UserState.CLOSED,
            first_name="",
            last_name="",
            email="",
            phone="",
            function="",
        ),
        name="erased_account_has_no_name",
    ),
]
