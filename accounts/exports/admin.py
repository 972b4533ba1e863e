"""The register of letters, with what prints several at once."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.agreements.admin.letters import LetterAdmin
from accounts.agreements.models.letters import Letter
from accounts.exports.letters import request_prints
from opus.lib.background_files import FileState

admin.site.unregister(Letter)


@admin.register(Letter)
class PrintedLetterAdmin(LetterAdmin):
    actions = ("print_all", *LetterAdmin.actions)

    @admin.action(description="Imprimer ensemble, avec le bordereau")
    def print_all(
        self, request: HttpRequest, chosen: QuerySet[Any]
    ) -> HttpResponse | None:
        """Bind the chosen letters that are ready; say which are not."""
        by: Any = request.user
        rows = chosen.select_related("convention")
        ready = [one for one in rows if one.state == FileState.READY]
        for letter in rows:
            if letter.state != FileState.READY:
                why = f"{letter.number} : {letter.get_state_display()}, non imprimée."
                self.message_user(request, why, messages.WARNING)
        if not ready:
            return None
        request_prints(ready, by=by)
        return redirect("exports")
