"""E-mails about caseloads: counts, never a candidate's name (S39)."""

from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users import territory
from accounts.users.models import User, address_since, recent_addresses
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, Item, button, compose_email
from referrals.candidates.models import StandIn
from referrals.caseloads.models import CaseloadTransfer, TransferState


def letter(
    to: int, subject: str, name: str, *, to_page: Button | None = None, **context: Any
) -> EmailMessage | None:
    """Return an e-mail to an active account, else None."""
    reader = User.objects.get(pk=to)
    template = f"referrals/caseloads/emails/caseload_{name}.txt"
    if not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject=subject,
        template=template,
        context=context,
        button=to_page,
    )


def to_candidates() -> Button:
    return button("Voir mes candidats", "candidates")


@outbox.mail("caseload-received")
def caseload_received(
    *, account: int, to: int, people: int, acts: int
) -> EmailMessage | None:
    subject = "des candidats à accompagner vous sont confiés"
    counts = {"giver": User.objects.get(pk=account), "people": people, "acts": acts}
    return letter(to, subject, "received", to_page=to_candidates(), **counts)


@outbox.mail("caseload-confided")
def caseload_confided(*, stand_in: str) -> EmailMessage | None:
    stand_ins = StandIn.objects.ahead().select_related("owner", "colleague")
    if (row := stand_ins.filter(pk=stand_in).first()) is None:
        return None
    to, subject = row.colleague_id, "des suivis vous sont confiés pour un temps"
    return letter(to, subject, "confided", to_page=to_candidates(), confided=row)


@outbox.mail("caseload-taken-back")
def caseload_taken_back(*, stand_in: str, to: int) -> EmailMessage | None:
    """Notify both accounts, except the one that ended it."""
    row = StandIn.objects.select_related("owner", "colleague").get(pk=stand_in)
    context = {"confided": row, "is_owner": row.owner_id == to}
    subject = "des suivis confiés sont repris"
    return letter(to, subject, "taken_back", to_page=to_candidates(), **context)


def notify_taken_back(stand_in: StandIn, readers: Iterable[int]) -> None:
    for reader in readers:
        caseload_taken_back.post(
            key=f"{stand_in.pk}:{reader}", stand_in=str(stand_in.pk), to=reader
        )


def notify_decided(transfer: CaseloadTransfer) -> None:
    """E-mail who loses persons, at every recent address; perhaps France Travail too."""
    key = str(transfer.pk)
    for since in recent_addresses(transfer.account):
        transfer_asked.post(key=f"{key}:{since}", transfer=key, since=since)
    # What waits for its number alone is ordinary: the desk shows it.
    if transfer.is_waiting and (transfer.receiver_is_new or transfer.is_to_oneself):
        write_to_staff(transfer, transfer_to_confirm)


def write_to_staff(transfer: CaseloadTransfer, effect: outbox.Effect) -> None:
    """E-mail France Travail's nearest administrators of the structure, once."""
    key, structure = str(transfer.pk), transfer.account.structure
    agency = structure.agency if structure else None
    for reader in territory.nearest_administrators(agency):
        effect.post(key=f"{key}:{reader.pk}", transfer=key, to=reader.pk)


def transfer_of(pk: str) -> CaseloadTransfer:
    return CaseloadTransfer.objects.with_people().get(pk=pk)


@outbox.mail("caseload-transfer-asked")
def transfer_asked(*, transfer: str, since: int) -> EmailMessage | None:
    """Name the author to who loses persons; each link leads to a button (S39)."""
    found = transfer_of(transfer)
    address = address_since(found.account, since)
    if not found.can_be_stopped or not address:
        return None
    page = outbox.link(reverse("caseload_transfer", args=[found.token]))
    links = [
        Item(
            "Je garde mes candidats",
            "La demande s’arrête, et ceux qui sont déjà partis vous reviennent.",
            page,
            "Si ce n’est pas ce qui est convenu",
        ),
        Item(
            "Je ne connais pas cette demande",
            "La même chose\u00a0; de plus, le compte qui l’a faite est mis à l’arrêt "
            "et France Travail est alerté.",
            f"{page}?choix=inconnue",
            "Si ce n’est pas ce qui est convenu",
        ),
    ]
    may_confirm = found.is_waiting and found.may_be_confirmed_by_link
    return compose_email(
        to=address,
        subject="vos candidats sont confiés à quelqu’un d’autre"
        if found.state == TransferState.DONE
        else "vos candidats vont être confiés à quelqu’un d’autre",
        template="referrals/caseloads/emails/caseload_transfer_asked.txt",
        context={"transfer": found, "may_confirm": may_confirm},
        items=links,
        button=Button("Confirmer tout de suite", page) if may_confirm else None,
    )


@outbox.mail("caseload-transfer-to-confirm")
def transfer_to_confirm(*, transfer: str, to: int) -> EmailMessage | None:
    subject = "des suivis attendent une seconde personne"
    return to_staff(transfer, to, subject, "transfer_to_confirm")


@outbox.mail("caseload-transfer-blocked")
def transfer_blocked(*, transfer: str, to: int) -> EmailMessage | None:
    subject = "des suivis restent sans conseiller"
    return to_staff(transfer, to, subject, "transfer_blocked")


def to_staff(transfer: str, to: int, subject: str, name: str) -> EmailMessage | None:
    found = transfer_of(transfer)
    page = "admin:referrals_caseloadtransfer_change"
    if not found.is_waiting:
        return None
    see = button("Voir le transfert", page, found.pk)
    return letter(to, subject, name, to_page=see, transfer=found)


@outbox.mail("caseload-transfer-stopped")
def transfer_stopped(*, transfer: str, to: int) -> EmailMessage | None:
    """Warn the requester: his account may have been misused; tell the receivers."""
    found = transfer_of(transfer)
    last = found.steps.last()
    return letter(
        to,
        "un transfert de suivis est arrêté",
        "transfer_stopped",
        transfer=found,
        is_author=to == found.asked_by_id,
        by_adviser=last is None or last.by in (None, found.account),
    )
