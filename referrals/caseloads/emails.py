"""E-mails about caseloads: counts, never a candidate's name (S39)."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.users import territory
from accounts.users.models.addresses import address_since, recent_addresses
from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.candidates.models.stand_ins import StandIn
from referrals.caseloads.models import CaseloadTransfer


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
        template="emails/caseload_received.txt",
        context={"giver": User.objects.get(pk=account), "people": people, "acts": acts},
        button=to_candidates(),
    )


@outbox.mail("caseload-confided")
def caseload_confided(*, stand_in: str, to: int, since: int) -> EmailMessage | None:
    """Notify both accounts of a stand-in; ``since``: index in ``recent_addresses``."""
    stand_ins = StandIn.objects.ahead().select_related("owner", "colleague")
    confided, reader = stand_ins.filter(pk=stand_in).first(), User.objects.get(pk=to)
    if confided is None:
        return None
    is_owner = confided.owner_id == to
    return email_to(
        reader,
        to=address_since(reader, since),
        subject="vos suivis sont confiés pour un temps"
        if is_owner
        else "des suivis vous sont confiés pour un temps",
        template="emails/caseload_confided.txt",
        context={"confided": confided, "is_owner": is_owner},
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
        template="emails/caseload_taken_back.txt",
        context={"confided": confided, "is_owner": confided.owner_id == to},
        button=to_candidates(),
    )


def notify_asked(transfer: CaseloadTransfer) -> None:
    """E-mail the former adviser's recent addresses, and France Travail."""
    key = str(transfer.pk)
    for since in recent_addresses(transfer.account):
        transfer_asked.post(key=f"{key}:{since}", transfer=key, since=since)
    for reader in staff_of(transfer.account):
        transfer_to_confirm.post(key=f"{key}:{reader.pk}", transfer=key, to=reader.pk)


def notify_blocked(transfer: CaseloadTransfer) -> None:
    """E-mail France Travail, once, that a transfer cannot be applied."""
    key = str(transfer.pk)
    for reader in staff_of(transfer.account):
        transfer_blocked.post(key=f"{key}:{reader.pk}", transfer=key, to=reader.pk)


def notify_young_account(transfer: CaseloadTransfer, to: User, people: int) -> None:
    """E-mail France Travail that a new account receives persons."""
    if to.created_at <= timezone.now() - settings.HANDOVER.young_account:
        return
    for reader in staff_of(to):
        young_account_received.post(
            key=f"{transfer.pk}:{to.pk}:{reader.pk}",
            account=to.pk,
            to=reader.pk,
            people=people,
        )


def staff_of(account: User) -> Iterable[User]:
    """Return France Travail's nearest administrators of the structure."""
    structure = account.structure
    return territory.nearest_administrators(structure.agency if structure else None)


def waiting(pk: str) -> CaseloadTransfer | None:
    return CaseloadTransfer.objects.waiting().with_people().filter(pk=pk).first()


@outbox.mail("caseload-transfer-asked")
def transfer_asked(*, transfer: str, since: int) -> EmailMessage | None:
    """Notify the former adviser; the link confirms or stops."""
    found = waiting(transfer)
    address = address_since(found.account, since) if found else ""
    if found is None or not address:
        return None
    path = reverse("caseload_transfer", args=[found.token])
    may_confirm = found.may_be_confirmed_by_link
    label = "Confirmer ou m’y opposer" if may_confirm else "M’y opposer"
    return compose_email(
        to=address,
        subject="les candidats que vous accompagnez vont être confiés",
        template="emails/caseload_transfer_asked.txt",
        context={"transfer": found},
        button=Button(label, outbox.link(path)),
    )


@outbox.mail("caseload-transfer-to-confirm")
def transfer_to_confirm(*, transfer: str, to: int) -> EmailMessage | None:
    subject = "des suivis attendent une seconde personne"
    template = "emails/caseload_transfer_to_confirm.txt"
    return to_staff(transfer, to, subject=subject, template=template)


@outbox.mail("caseload-transfer-blocked")
def transfer_blocked(*, transfer: str, to: int) -> EmailMessage | None:
    subject = "des suivis restent sans conseiller"
    template = "emails/caseload_transfer_blocked.txt"
    return to_staff(transfer, to, subject=subject, template=template)


def to_staff(transfer: str, to: int, **parts: Any) -> EmailMessage | None:
    if (found := waiting(transfer)) is None:
        return None
    page = reverse("admin:referrals_caseloadtransfer_change", args=[found.pk])
    return email_to(
        User.objects.get(pk=to),
        context={"transfer": found},
        button=Button("Voir le transfert", outbox.link(page)),
        **parts,
    )


@outbox.mail("caseload-transfer-stopped")
def transfer_stopped(*, transfer: str) -> EmailMessage | None:
    """Warn the requester: his account may have been misused."""
    found = CaseloadTransfer.objects.with_people().get(pk=transfer)
    last = found.steps.last()
    return email_to(
        found.asked_by,
        subject="un transfert de suivis est arrêté",
        template="emails/caseload_transfer_stopped.txt",
        context={"transfer": found, "by_adviser": last is None or last.by is None},
    )


@outbox.mail("caseload-to-young-account")
def young_account_received(
    *, account: int, to: int, people: int
) -> EmailMessage | None:
    young = User.objects.select_related("structure").get(pk=account)
    page = reverse("admin:accounts_user_change", args=[young.pk])
    return email_to(
        User.objects.get(pk=to),
        subject="un compte récent reçoit des candidats à accompagner",
        template="emails/caseload_to_young_account.txt",
        context={"account": young, "people": people},
        button=Button("Voir le compte", outbox.link(page)),
    )
