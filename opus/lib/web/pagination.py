from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


class ListPage(Page):
    @property
    def shown_pages(self) -> Iterable[int | str]:
        return self.paginator.get_elided_page_range(self.number, on_each_side=2)


class ListPaginator(Paginator):
    # Django's own is translated at each comparison.
    ELLIPSIS = "…"  # type: ignore[assignment]

    def page(self, number: int | str) -> ListPage:
        page = super().page(number)
        return ListPage(page.object_list, page.number, self)


def paginate(
    request: HttpRequest,
    items: QuerySet[Any] | Sequence[Any],
    per_page: int = 20,
    *,
    count: int | None = None,
) -> ListPage:
    """Return the page of ``?page=``, or the nearest one.

    ``count``: how many items there are, if already known.
    """
    paginator = ListPaginator(items, per_page)
    if count is not None:
        paginator.count = count
    page = paginator.get_page(request.GET.get("page"))
    return cast(ListPage, page)
