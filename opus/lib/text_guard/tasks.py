import datetime as dt
from collections.abc import Iterator

from celery import shared_task
from django.apps import apps
from django.db import models

from opus.lib import jobs
from opus.lib.text_guard.fields import Guarded
from opus.lib.text_guard.models import TextFinding, TextGuardCount, TextScan
from opus.lib.text_guard.rules import RULES, fingerprint

READ_AT_ONCE = 1000


def guarded_fields() -> Iterator[Guarded]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, Guarded):
                yield field


def rescan() -> int:
    """Check every text again (idempotent); return the number of findings."""
    for field in guarded_fields():
        _rescan_field(field)
    TextScan.objects.update_or_create(
        pk=fingerprint(), defaults={"version": RULES.version.number}
    )
    return TextFinding.objects.count()


def is_due() -> bool:
    """Return whether some text is unread with today's rules."""
    return not TextScan.objects.filter(pk=fingerprint()).exists()


def recheck() -> None:
    """Delete the findings whose text was corrected or deleted."""
    fields = {field.place: field for field in guarded_fields()}
    for finding in TextFinding.objects.iterator(chunk_size=READ_AT_ONCE):
        stands = False
        if field := fields.get(finding.place):
            rows = field.model._base_manager.filter(pk=finding.target_id)
            text = rows.values_list(field.attname, flat=True).first() or ""
            stands = finding.category in field.never_passes(text)
        if not stands:
            finding.delete()


def _rescan_field(field: Guarded) -> None:
    model: type[models.Model] = field.model
    rows = model._base_manager.exclude(**{field.attname: ""}).order_by("pk")
    place, version = field.place, RULES.version.number
    last = None
    while True:
        batch = rows.filter(pk__gt=last) if last is not None else rows
        texts = list(batch.values_list("pk", field.attname)[:READ_AT_ONCE])
        if not texts:
            return
        findings = [
            TextFinding(place=place, target_id=str(pk), category=each, version=version)
            for pk, text in texts
            for each in field.never_passes(text or "")
        ]
        TextFinding.objects.bulk_create(findings, ignore_conflicts=True)
        last = texts[-1][0]


@shared_task
@jobs.exclusive("rescan-texts", every=dt.timedelta(hours=1))
def rescan_texts() -> None:
    recheck()
    if is_due():
        rescan()


@shared_task
@jobs.exclusive("purge-refusals", every=dt.timedelta(hours=1))
def purge_refusals() -> None:
    """Delete counts of refused texts after twelve months (V4)."""
    TextGuardCount.objects.past().delete()
