from referrals.appointments.models.appointments import (
    Appointment,
    AppointmentQuerySet,
    AppointmentStep,
)
from referrals.appointments.models.slots import (
    CLOSES,
    OPENS,
    Slot,
    SlotQuerySet,
    TimeAndPlace,
    place_of,
)
