"""Rectify, erase and limit a candidate's data on request (art. 10)."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from django import forms
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from offers.page.models import SeenOffer
from opus.lib import french
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Person
from opus.lib.privacy.rights_effects import Counts, Editable, Effects, register
from referrals.acts.models.acts import Act
from referrals.candidate_emails.actions import withdraw_consent
from referrals.candidate_emails.sending import close_links
from referrals.candidates.actions import clean_ft_id
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.models.limits import Processing, ProcessingLimit
from referrals.corrections.actions import acts_where, rectify, staff_who_read
from referrals.favourites.models import Favourite
from referrals.privacy import emails
from referrals.privacy.models import CandidateHold
from referrals.privacy.retention import purge
from referrals.privacy.webhooks import candidate_erased
from referrals.saved_searches.models import AlertPace, SavedSearch

# What the holder of an account may object to; the rest serves the agreement or its
# safety (docs/data-protection.md).
ALERTS, HABITS = "alertes", "habitudes"


@register
class CandidateEffects(Effects):
    def editables(self, person: Person) -> Iterator[Editable]:
        for candidate in candidates_of(person).select_related("structure"):
            fields = {name: field_of(name) for name in CandidateForm.Meta.fields}
            title = f"Fiche {french.of(candidate.structure)}"
            yield Editable(candidate, title, fields, partial(rectify, candidate))

    def why_kept(self, person: Person) -> str:
        holds = CandidateHold.objects.in_force()
        if holds.filter(candidate__in=person.candidates).exists():
            return "Ces données sont conservées pour un litige (RGPD, art. 17.3)."
        live = Act.objects.live().filter(candidate__in=person.candidates)
        if numbers := sorted(live.values_list("number", flat=True)):
            return (
                "Des propositions sont en cours, et un employeur ou une agence attend "
                f"cette personne\xa0: {', '.join(numbers)}. Faites-les d’abord annuler "
                "par son conseiller."
            )
        return ""

    def erase(self, person: Person, *, by: Any, reference: str) -> Counts:
        """Delete all as at term, and notify the recipients (GDPR 19)."""
        people = list(candidates_of(person).select_for_update())
        for candidate in people:
            notify_recipients(candidate, by=by)
        if not people:
            return {}
        with retention.deletions_allowed():
            counts = purge([one.pk for one in people])
            connection.check_constraints()
        return counts

    def restrict(self, person: Person, *, by: Any, reference: str) -> Counts:
        return limit(person, Processing.ALL, by=by, reference=reference)

    def lift(self, person: Person, *, by: Any, reference: str) -> Counts:
        lifted = 0
        for candidate in candidates_of(person):
            for row in candidate.limits.filter(
                reference=reference, lifted_at__isnull=True
            ):
                row.lifted_at, row.lifted_by = timezone.now(), by
                row.save(update_fields=["lifted_at", "lifted_by"])
                emails.notify_limit(candidate, row)
                lifted += 1
        return {"limites levées": lifted} if lifted else {}

    def objections(self, person: Person) -> Mapping[str, str]:
        if person.candidates:
            return {one.value: one.label for one in Processing if one != Processing.ALL}
        if person.accounts:
            return {
                ALERTS: "les courriels des recherches enregistrées",
                HABITS: "l’historique des offres vues et les offres gardées",
            }
        return {}

    def object_to(
        self, person: Person, processing: str, *, by: Any, reference: str
    ) -> Counts:
        if processing == ALERTS:
            mine = SavedSearch.objects.filter(account__in=person.accounts)
            return {"courriels arrêtés": mine.update(alert=AlertPace.NONE)}
        if processing == HABITS:
            kept = Favourite.objects.filter(
                adviser__in=person.accounts, candidate__isnull=True
            )
            seen = SeenOffer.objects.filter(account__in=person.accounts)
            return retention.deleted(kept) | retention.deleted(seen)
        counts = limit(person, processing, by=by, reference=reference)
        for candidate in candidates_of(person):
            if processing == Processing.EMAILS:
                withdraw_consent(candidate, by=by)
                close_links(candidate)
            elif processing == Processing.SEARCHES:
                gone = retention.delete(candidate.saved_searches.all())
                counts["recherches supprimées"] = (
                    counts.get("recherches supprimées", 0) + gone
                )
        return counts


def notify_recipients(candidate: Candidate, *, by: Any) -> None:
    """Notify who had her data, by numbers of acts (GDPR 19)."""
    rows: Any = candidate.acts
    acts = dict(rows.values_list("number", "kind"))
    if acts and outbox.webhooks_are_wanted():
        at, number = timezone.now().isoformat(), str(candidate.pk)
        candidate_erased.post(key=number, candidate=number, at=at, acts=acts)
    readers = staff_who_read(acts_where(Q(candidate=candidate)))
    for reader in sorted((readers | {candidate.follower.pk}) - {by.pk}):
        key = f"{candidate.pk}:{reader}"
        emails.candidate_gone.post(key=key, acts=acts, to=reader)


def candidates_of(person: Person) -> Any:
    return Candidate.objects.filter(pk__in=person.candidates).order_by(
        "created_at", "pk"
    )


class FtIdField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return clean_ft_id(super().to_python(value) or "")


def field_of(name: str) -> Any:
    """Return a field that browsers do not fill with their own user's data."""
    field: Any = Candidate._meta.get_field(name)
    options: dict[str, Any] = {"help_text": "", "validators": field.validators}
    if name == "ft_id":
        options |= {"form_class": FtIdField, "max_length": 30}
    made = field.formfield(**options)
    made.widget.attrs["autocomplete"] = "off"
    return made


def limit(person: Person, processing: str, *, by: Any, reference: str) -> Counts:
    """Place the limit on each record; raise MoveRefused if it is there."""
    people = list(candidates_of(person).select_for_update())
    known = ProcessingLimit.objects.filter(
        candidate__in=people, processing=processing, lifted_at__isnull=True
    )
    if known.exists():
        raise MoveRefused("Cette limite est déjà en place pour cette personne.")
    for candidate in people:
        row = candidate.limits.create(
            processing=processing, reference=reference, placed_by=by
        )
        emails.notify_limit(candidate, row)
    return {"fiches concernées": len(people)}
