from opus.support.data_rights import tasks as data_rights_tasks
from opus.support.service_status import tasks as service_status_tasks
from opus.support.tickets import tasks as tickets_tasks
