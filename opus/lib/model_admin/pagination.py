from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

COUNT_NO_FURTHER_THAN = 10_000


class CappedPaginator(Paginator):
    """Stop counting rows at a limit: a million rows cost seconds."""

    most = COUNT_NO_FURTHER_THAN

    @cached_property
    def count(self) -> int:
        rows = self.object_list[: self.most]
        return rows.count() if isinstance(rows, models.QuerySet) else len(rows)
