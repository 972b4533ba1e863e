"""E-mails about caseloads: counts, never a candidate's name (S39)."""

from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users import territory
from accounts.users.models.addresses import address_since, recent_addresses
from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, Item, compose_email
from referrals.candidates.models import StandIn
from referrals.caseloads.models import CaseloadTransfer, TransferState


def email_to(reader: User, **parts: Any) -> EmailMessage | None:
    """Return an e-mail to an active account, else None."""
    parts = {"to": reader.email} | parts
    return compose_email(**parts) if reader.is_active else None


def to_candidates() -> Button:
    return Button("Voir mes candidats", outbox.link(reverse("candidates")))


@outbox.mail("caseload-received")
def caseload_received(
    *, account: int, to: int, people: int, acts: int
) -> EmailMessage | None:
    return email_to(
        User.objects.get(pk=to),
        subject="des candidats à accompagner vous sont confiés",
        template="referrals/caseloads/emails/caseload_received.txt",
        context={"giver": User.objects.get(pk=account), "people": people, "acts": acts},
        button=to_candidates(),
    )


@outbox.mail("caseload-confided")
def caseload_confided(*, stand_in: str) -> EmailMessage | None:
    stand_ins = StandIn.objects.ahead().select_related("owner", "colleague")
    if (confided := stand_ins.filter(pk=stand_in).first()) is None:
        return None
    return email_to(
        confided.colleague,
        subject="des suivis vous sont confiés pour un temps",
        template="referrals/caseloads/emails/caseload_confided.txt",
        context={"confided": confided},
        button=to_candidates(),
    )


@outbox.mail("caseload-taken-back")
def caseload_taken_back(*, stand_in: str, to: int) -> EmailMessage | None:
    """Notify both accounts, except the one that ended it."""
    stand_ins = StandIn.objects.select_related("owner", "colleague")
    confided = stand_ins.get(pk=stand_in)
    return email_to(
        User.objects.get(pk=to),
        subject="des suivis confiés sont repris",
        template="referrals/caseloads/emails/caseload_taken_back.txt",
        context={"confided": confided, "is_owner": confided.owner_id == to},
        button=to_candidates(),
    )


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


def write_to_staff(transfer: CaseloadTransfer, letter: Any) -> None:
    """E-mail France Travail, once."""
    key = str(transfer.pk)
    for reader in staff_of(transfer.account):
        letter.post(key=f"{key}:{reader.pk}", transfer=key, to=reader.pk)


def staff_of(account: User) -> Iterable[User]:
    """Return France Travail's nearest administrators of the structure."""
    structure = account.structure
    return territory.nearest_administrators(structure.agency if structure else None)


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
    template = "referrals/caseloads/emails/caseload_transfer_to_confirm.txt"
    return to_staff(transfer, to, subject=subject, template=template)


@outbox.mail("caseload-transfer-blocked")
def transfer_blocked(*, transfer: str, to: int) -> EmailMessage | None:
    subject = "des suivis restent sans conseiller"
    template = "referrals/caseloads/emails/caseload_transfer_blocked.txt"
    return to_staff(transfer, to, subject=subject, template=template)


def to_staff(transfer: str, to: int, **parts: Any) -> EmailMessage | None:
    found = transfer_of(transfer)
    if not found.is_waiting:
        return None
    page = reverse("admin:referrals_caseloadtransfer_change", args=[found.pk])
    return email_to(
        User.objects.get(pk=to),
        context={"transfer": found},
        button=Button("Voir le transfert", outbox.link(page)),
        **parts,
    )


@outbox.mail("caseload-transfer-stopped")
def transfer_stopped(*, transfer: str, to: int) -> EmailMessage | None:
    """Warn the requester: his account may have been misused; tell the receivers."""
    found, reader = transfer_of(transfer), User.objects.get(pk=to)
    last = found.steps.last()
    return email_to(
        reader,
        subject="un transfert de suivis est arrêté",
        template="referrals/caseloads/emails/caseload_transfer_stopped.txt",
        context={
            "transfer": found,
            "is_author": reader == found.asked_by,
            "by_adviser": last is None or last.by in (None, found.account),
        },
    )
