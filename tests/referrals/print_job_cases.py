"""Print jobs for tests, as an adviser's gesture leaves them."""

import uuid

from django.utils import timezone

from referrals.documents.models import PrintedDocument, PrintJob
from tests.referrals.factories import DocumentFactory


def make_job(account, papers=(), *, ready=False):
    """A job of these documents, of one of its owner's where none is given."""
    papers = list(papers) or [DocumentFactory(act__candidate__adviser=account)]
    job = PrintJob.objects.create(
        account=account,
        key=uuid.uuid4(),
        rows_total=len(papers),
        # Of the test's clock, which may stand before PostgreSQL's.
        next_attempt_at=timezone.now(),
    )
    PrintedDocument.objects.bulk_create(
        PrintedDocument(job=job, document=paper, rank=rank)
        for rank, paper in enumerate(papers, start=1)
    )
    if ready:
        taken = PrintJob.claim(job.pk)
        assert taken
        taken.keep_in_mind(list(taken.papers()))
        taken.store(b"%PDF-1.7 essai")
        job = PrintJob.objects.get(pk=job.pk)
        assert job.ready_at <= timezone.now()
    return job
