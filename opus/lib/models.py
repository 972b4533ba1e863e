from opus.lib.audit.models import AuditEntry
from opus.lib.database.models import Finding
from opus.lib.jobs import JobRun
from opus.lib.outbound.models import Instance, KeptMail, OutboxEntry
from opus.lib.privacy.models import PurgeRun
from opus.lib.text_guard.models import TextFinding, TextGuardCount, TextScan
