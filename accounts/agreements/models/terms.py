"""Compute the terms on a day: signed terms, then amendments."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.enums import Service


@dataclasses.dataclass(frozen=True)
class Terms:
    """Terms of annexe 1 (services) and annexe 2 (quota, correspondents).

    This is the list of them. ``TERMS`` is read by amendments, renewals, documents and
    retention: a new term is a field here, a column ``signed_…`` of the convention, a
    column of the amendment, and their triggers. ``partner_contact`` is the
    *responsable du suivi*.
    """

    consultation: bool
    referrals: bool
    quota: int
    ft_contact: str
    ft_contact_email: str
    ft_contact_phone: str
    partner_contact: str
    partner_contact_email: str
    partner_contact_phone: str

    @property
    def services(self) -> set[Service]:
        granted = set()
        if self.consultation:
            granted.add(Service.CONSULTATION)
        if self.referrals:
            granted.add(Service.REFERRALS)
        return granted


TERMS = tuple(field.name for field in dataclasses.fields(Terms))
CONTACTS = [name for name in TERMS if "_contact" in name]


def fold(signed: Terms, amendments: Iterable[Mapping[str, Any]], day: dt.date) -> Terms:
    """Apply ``amendments``: confirmed, by effect, unchanged terms None or ""."""
    terms = signed
    for amendment in amendments:
        if amendment["effective_on"] > day:
            break
        terms = dataclasses.replace(terms, **changes_of(amendment))
    return terms


def changes_of(amendment: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: amendment[name] for name in TERMS if amendment[name] not in (None, "")
    }
