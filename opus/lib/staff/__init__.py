from opus.lib.staff.action_admin import explain
from opus.lib.staff.admin_actions import Verb, VerbForm, confirming, leads_to
from opus.lib.staff.base import StaffAdmin
from opus.lib.staff.filters import ChoiceFilter, DayFilter, is_of_a_calendar
from opus.lib.staff.formatting import bullets, link_to, part, reader_of
from opus.lib.staff.forms import SheetForm
from opus.lib.staff.pagination import COUNT_NO_FURTHER_THAN, CappedPaginator
from opus.lib.staff.permissions import (
    NationalAdmin,
    NationalReadAdmin,
    NationalViewAdmin,
    ReadOnlyAdmin,
    is_national,
)
from opus.lib.staff.readonly_fields import Sheet, SheetLine, SheetPart, ShownField
from opus.lib.staff.records import Queue, RecordAdmin

__all__ = [
    "COUNT_NO_FURTHER_THAN",
    "CappedPaginator",
    "ChoiceFilter",
    "DayFilter",
    "NationalAdmin",
    "NationalReadAdmin",
    "NationalViewAdmin",
    "Queue",
    "ReadOnlyAdmin",
    "RecordAdmin",
    "Sheet",
    "SheetForm",
    "SheetLine",
    "SheetPart",
    "ShownField",
    "StaffAdmin",
    "Verb",
    "VerbForm",
    "bullets",
    "confirming",
    "explain",
    "is_national",
    "is_of_a_calendar",
    "leads_to",
    "link_to",
    "part",
    "reader_of",
]
