from accounts.tasks import (
    alerts,
    conventions,
    housekeeping,
    reviews,
    team,
    vacancies,
)
