"""Sorts names: PostgreSQL's order puts É after Z."""

from typing import Any

from django.db.models import Func, TextField


class ByName(Func):
    function = "opus_folded"
    output_field: Any = TextField()
