"""What is told of an RGC: to himself, to France Travail's correspondents (4.1, 4.3)."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import Nomination, User
from opus.lib import outbox


@outbox.mail("rgc-in-office")
def rgc_in_office(*, nomination: int) -> EmailMessage | None:
    """To the RGC: he administers the accounts of his structure from now on."""
    row = Nomination.objects.in_office().filter(pk=nomination).first()
    if row is None or row.person is None:
        return None
    return outbox.letter(
        to=row.person.email,
        subject="vous êtes RGC de votre structure",
        template="emails/rgc_in_office.txt",
        context={"convention": row.convention},
        button=outbox.Button("Ouvrir les comptes", outbox.link(reverse("accounts"))),
    )


@outbox.mail("rgc-post-vacant")
def post_vacant(*, nomination: int, account: int) -> EmailMessage | None:
    """To a correspondent: the post is vacant, the structure must write (4.3)."""
    return _to_correspondent("post_vacant", nomination, account)


@outbox.mail("rgc-letter-overdue")
def letter_overdue(*, nomination: int, account: int) -> EmailMessage | None:
    """To a correspondent: the eight days have passed without the letter (4.3)."""
    return _to_correspondent("letter_overdue", nomination, account)


SUBJECTS = {
    "post_vacant": "un poste de RGC est vacant",
    "letter_overdue": "poste de RGC vacant, lettre attendue",
}


def _to_correspondent(name: str, nomination: int, account: int) -> EmailMessage | None:
    """Nothing where the post is filled, the letter told, or the reader gone."""
    row = (
        Nomination.objects.vacant()
        .filter(pk=nomination, vacancy_letter_on=None)
        .select_related("convention__structure")
        .first()
    )
    reader = User.objects.get(pk=account)
    if row is None or not reader.is_active:
        return None
    sheet = reverse("admin:accounts_nomination_change", args=[nomination])
    return outbox.letter(
        to=reader.email,
        subject=SUBJECTS[name],
        template=f"emails/{name}.txt",
        context={"nomination": row, "convention": row.convention},
        button=outbox.Button("Ouvrir la fiche", outbox.link(sheet)),
    )
