from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register

from opus.startup import files_problem, postgres_problem, tables_problem


class OperationsConfig(AppConfig):
    name = "opus.operations"
    label = "operations"
    verbose_name = "Exploitation"

    def ready(self) -> None:
        register(check_database, Tags.database)
        register(check_deployment, deploy=True)


NO_REFERENCE = (
    "Communes or trades are missing, and no offer is found by place or by trade: run"
    " manage.py load_reference."
)


def check_database(**_: Any) -> list[CheckMessage]:
    """Refuse an old PostgreSQL before ``migrate``."""
    problem = postgres_problem()
    return [Error(problem, id="opus.E001")] if problem else []


def check_deployment(**_: Any) -> list[CheckMessage]:
    """Refuse what ``migrate`` does too, and each forgotten step."""
    found = check_database()
    if problem := files_problem():
        found.append(Error(problem, id="opus.E002"))
    if problem := tables_problem():
        return [*found, Error(problem, id="opus.E003")]
    # This module is read before the models are.
    lists = (apps.get_model("offers", name) for name in ("Commune", "Rome"))
    if not all(each._default_manager.exists() for each in lists):
        found.append(Error(NO_REFERENCE, id="opus.E004"))
    return found
