"""Show the caseload of each account, without names."""

import dataclasses
from collections.abc import Iterable
from itertools import chain

from django import template

from accounts.users.account_texts import HistoryEntry
from accounts.users.models import User
from opus.lib.forms.edit_forms import name_of
from referrals.candidates.models import StandIn, history_of
from referrals.caseloads import actions
from referrals.caseloads.actions import waiting_for

register = template.Library()
register.simple_tag(actions.caseload_of, name="caseload")
register.simple_tag(waiting_for, name="transfer_of")


@register.simple_tag
def with_caseloads(*lists: Iterable[User]) -> list[list[tuple[User, actions.Caseload]]]:
    """Return each account of these lists with its caseload, with one query."""
    accounts = [list(people) for people in lists]
    found = actions.caseloads_of(list(chain.from_iterable(accounts)))
    empty = actions.Caseload()
    return [[(one, found.get(one.pk, empty)) for one in people] for people in accounts]


@register.simple_tag
def confided_by(person: User) -> list[StandIn]:
    ahead = (one for one in stand_ins_of(person) if one.is_ahead)
    return [one for one in ahead if one.owner_id == person.pk]


@register.simple_tag
def confided_to(person: User) -> list[StandIn]:
    return [
        one
        for one in stand_ins_of(person)
        if one.colleague_id == person.pk
        and one.is_ahead
        and one.has_begun
        and not one.is_interrupted
    ]


@register.simple_tag
def history(person: User, reader: User) -> list[HistoryEntry]:
    """Return the account's history with its stand-ins.

    A partner reads « France Travail », not the agent's name.
    """
    return [
        dataclasses.replace(entry, by=entry.by and name_of(entry.by, reader))
        for entry in history_of(person, stand_ins_of(person))
    ]


def stand_ins_of(person: User) -> list[StandIn]:
    """Return stand-ins of both directions, cached for the page (P8)."""
    found: list[StandIn] | None = person.__dict__.get("stand_ins_read")
    if found is None:
        found = list(StandIn.objects.of(person))
        person.__dict__["stand_ins_read"] = found
    return found
