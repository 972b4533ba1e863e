from opus.operations.invariants import tasks as invariants_tasks
from opus.operations.monitoring import tasks as monitoring_tasks
