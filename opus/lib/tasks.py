from opus.lib import background_files
from opus.lib.audit import tasks as audit_tasks
from opus.lib.outbound import outbox
from opus.lib.privacy import retention as privacy_tasks
from opus.lib.text_guard import tasks as text_guard_tasks
