from accounts.users.models.absences import LONG, Leave, ThreeMonthsAfter
from accounts.users.models.addresses import (
    AddressChange,
    address_since,
    new_address_until,
    recent_addresses,
)
from accounts.users.models.corrections import AccountCorrection
from accounts.users.models.first_access import (
    FirstAccess,
    FirstAccessQuerySet,
    IdentityCheck,
)
from accounts.users.models.legal_holds import AccountHold
from accounts.users.models.users import AccountStep, User
