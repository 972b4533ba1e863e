from accounts.tasks import (
    alerts,
    conventions,
    housekeeping,
    team,
    vacancies,
)
