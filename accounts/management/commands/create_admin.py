"""Create the first administrator, by two e-mails (S42)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.structures.models import Agency
from accounts.users.actions import open_account
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.database.states import MoveRefused


class Command(BaseCommand):
    help = (
        "Ouvre le compte d’un administrateur de France Travail : son identifiant et "
        "son lien d’activation partent par deux courriels."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prenom", required=True)
        parser.add_argument("--nom", required=True)
        parser.add_argument(
            "--email", required=True, help="son adresse professionnelle à lui"
        )
        parser.add_argument(
            "--fonction",
            default="Administrateur d’Opus",
            help="par défaut : %(default)s",
        )
        parser.add_argument(
            "--safir", help="agence ou direction de rattachement ; sans elle : national"
        )

    def handle(self, *args: Any, safir: str | None, **options: Any) -> None:
        agency = Agency.objects.filter(pk=safir).first() if safir else None
        if safir and agency is None:
            raise CommandError(
                f"Aucune agence ne porte le code SAFIR {safir} : importez-les d’abord "
                "(import_agencies)."
            )
        account = User(
            role=Role.FT_ADMIN,
            agency=agency,
            first_name=options["prenom"],
            last_name=options["nom"],
            email=options["email"],
            function=options["fonction"],
        )
        try:
            account.clean_fields(exclude=["identifier", "password", "public_id"])
            open_account(account, by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except MoveRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Compte {account.identifier} ouvert. Deux courriels partent dès qu’un "
            "worker tourne : l’identifiant, et un lien d’activation valable 72 heures."
        )
