from referrals.appointments.models.appointments import (
    Summons,
    SummonsQuerySet,
    SummonsStep,
)
from referrals.appointments.models.slots import (
    CLOSES,
    OPENS,
    Appointment,
    Slot,
    SlotQuerySet,
    place_of,
)
