from opus.lib.models.audit import AuditEntry, AuditQuerySet
from opus.lib.models.database import Finding, FindingQuerySet
from opus.lib.models.jobs import JobRun, JobRunQuerySet
from opus.lib.models.outbound import Instance, KeptMail, OutboxEntry, OutboxQuerySet
from opus.lib.models.privacy import FAILED, PurgeRun
from opus.lib.models.text_guard import (
    TextFinding,
    TextGuardCount,
    TextGuardCountQuerySet,
    TextScan,
)
