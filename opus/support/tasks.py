from opus.support.availability import tasks as availability_tasks
from opus.support.data_rights import tasks as data_rights_tasks
from opus.support.incidents import tasks as incidents_tasks
from opus.support.tickets import tasks as tickets_tasks
