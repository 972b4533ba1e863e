"""The buttons of a page: label, question, form, condition."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from opus.lib.audit.journal import Action
from opus.lib.forms.base import Form


class AdminActionForm(Form):
    """A button's form; ``act`` gets object, ``by`` and fields."""

    act: ClassVar[Callable[..., Any]]
    # The template of what is read before the fields, and why there is no button.
    above: ClassVar[str] = ""
    refusal = ""

    def __init__(self, *args: Any, instance: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance

    def save(self, *, by: Any) -> Any:
        return type(self).act(self.instance, by=by, **self.cleaned_data)

    def audit_details(self) -> dict[str, Any]:
        return {}


def confirming(
    act: Callable[..., Any],
    form: type[AdminActionForm] = AdminActionForm,
    **fields: Any,
) -> type[AdminActionForm]:
    """Return the form of an action, with these fields."""
    return type("ConfirmForm", (form,), {"act": staticmethod(act), **fields})


@dataclass(frozen=True)
class AdminAction:
    slug: str
    label: str
    question: str
    done: str
    form: type[AdminActionForm]
    # Whether the user sees the button on this object's page.
    is_open: Callable[[Any, Any], bool]
    # None if the action called writes the entry itself.
    action: Action | None = None
    is_grave: bool = False
    # Whether its form stands on the object's page: one click less.
    is_inline: bool = False
    # The reason if the user may not, though the state allows it; else empty.
    why_not: Callable[[Any, Any], str] = lambda instance, user: ""


def leads_to(target: str) -> Callable[[Any, Any], bool]:
    """Return a button's condition: the moves allow it."""
    return lambda instance, user: instance.can_move_to(target)
