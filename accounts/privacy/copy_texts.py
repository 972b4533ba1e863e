"""An account's copy in sentences (GDPR 15)."""

from collections.abc import Iterator

from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.dates import date_format
from opus.lib.privacy.copy_texts import Item, Section, narrator
from opus.lib.privacy.corrections import corrections_of
from opus.lib.privacy.personal_data import Person

# One word each: label of the sentence → field.
CONTACTS = {
    "Votre courriel professionnel": "email",
    "Votre téléphone": "phone",
    "Votre fonction": "function",
}


@narrator
def account_in_words(person: Person) -> Iterator[Section]:
    for account in User.objects.filter(pk__in=person.accounts).order_by("pk"):
        yield Section(10, "Votre compte", tuple(facts_of(account)))
        yield Section(20, "La vie de votre compte", tuple(life_of(account)))


def facts_of(account: User) -> Iterator[Item]:
    employer = account.structure or account.agency or "France Travail"
    yield Item(
        f"Vous vous appelez {account}. Votre compte, {account.identifier}, est celui "
        f"d’un {account.get_role_display()}\xa0: {employer}."
    )
    for words, name in CONTACTS.items():
        if value := getattr(account, name):
            yield Item(f"{words} est\xa0: {value}.")
    yield Item(
        f"Il a été créé le {day(account.created_at)}\xa0; il est "
        f"{account.get_state_display()}."
    )
    if account.last_login:
        yield Item(f"Votre dernière connexion date du {day(account.last_login)}.")


def life_of(account: User) -> Iterator[Item]:
    for step in account.steps.order_by("at", "pk"):
        words = step.state_words()
        was = words.get(step.origin, "")
        now = words.get(step.target, step.target)
        text = f"d’abord {now}" if not was else f"de «\xa0{was}\xa0» à «\xa0{now}\xa0»"
        yield Item(f"Le {day(step.at)}, votre compte est passé {text}.")
    yield from corrections_in_words(Person(accounts=frozenset({account.pk})))


def corrections_in_words(person: Person) -> Iterator[Item]:
    """Yield each corrected value, as it was and as it became (V14)."""
    for row in corrections_of(person):
        was = f"«\xa0{row.before}\xa0»" if row.before else "rien"
        now = f"«\xa0{row.after}\xa0»" if row.after else "rien"
        yield Item(
            f"Le {day(row.at)}, {row.label}\xa0: {was} est devenu {now} "
            f"({row.get_reason_display()})."
        )


def day(at: object) -> str:
    return date_format(timezone.localtime(at), "j F Y")  # type: ignore[arg-type]
