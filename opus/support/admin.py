from opus.support.data_rights import admin as data_rights_admin
from opus.support.help import admin as help_admin
from opus.support.news import admin as news_admin
from opus.support.service_status import admin as service_status_admin
from opus.support.surveys import admin as surveys_admin
from opus.support.tickets import admin as tickets_admin
