"""The guards of the suite are on: each would let a class of faults through if not."""

import pytest
from django.template import Context, Template

from offers.models import Commune


@pytest.mark.django_db
def test_rows_without_an_order_come_shuffled():
    """R27."""
    codes = Commune.objects.order_by().values_list("code", flat=True)[:50]
    lists = {tuple(codes.all()) for _ in range(5)}

    assert len(lists) == 5


@pytest.mark.django_db
def test_rows_with_an_order_keep_it():
    codes = list(Commune.objects.order_by("code").values_list("code", flat=True)[:50])

    assert codes == sorted(codes)


def test_an_undefined_template_variable_fails():
    """R27."""
    with pytest.raises(pytest.fail.Exception, match="Undefined template variable"):
        Template("{{ nobody }}").render(Context())
