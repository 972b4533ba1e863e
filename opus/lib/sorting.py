"""The order of names: PostgreSQL's own puts « É » after « Z »."""

from typing import Any

from django.db.models import Func, TextField


class ByName(Func):
    """Sort key of a name as French readers expect it: no case, no accent."""

    function = "opus_folded"
    output_field: Any = TextField()
