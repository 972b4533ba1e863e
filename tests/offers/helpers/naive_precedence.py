"""Precedence as docs/feed.md has it, the naive way: the oracle of the feed.

It keeps every event and every file that it was told, and answers from the whole of
them. Slow and plain on purpose: nothing is taken from the code that it judges.
"""

from dataclasses import dataclass, field
from typing import Any

STATES = {
    "creee": "active",
    "suspendue": "suspendue",
    "reactivee": "active",
    "annulee": "annulee",
    "pourvue": "pourvue",
}


@dataclass
class NaiveOffer:
    """All that was told of one offer."""

    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    content: dict[str, Any] | None = None
    file_mode: dict[str, Any] | None = None
    is_absent: bool = False

    # --- Of the set of events alone ---

    def highest(self, holds: Any) -> dict[str, Any] | None:
        numbers = [number for number in self.events if holds(self.events[number])]
        return self.events[max(numbers)] if numbers else None

    def told_content(self) -> Any:
        event = self.highest(lambda event: event.get("data") is not None)
        return event and event["data"]

    def told_mode(self) -> Any:
        event = self.highest(lambda event: "opus" in (event.get("data") or {}))
        return event and event["data"]["opus"]

    def told_state(self) -> str | None:
        kinds = [kind_of(event) for event in self.events.values()]
        if "annulee" in kinds:
            return "annulee"
        event = self.highest(lambda event: kind_of(event) in STATES)
        return STATES[kind_of(event)] if event else None

    def told_place(self) -> Any:
        """What moves when an event is news."""
        content = self.highest(lambda event: event.get("data") is not None)
        mode = self.highest(lambda event: "opus" in (event.get("data") or {}))
        state = self.highest(lambda event: kind_of(event) in STATES)
        return [content, mode, state, self.told_state()]

    # --- In the order of arrival: an event may be late, a file is of its day ---

    def hear(self, event: dict[str, Any]) -> None:
        number = int(event["sequence"])
        if number in self.events:
            return
        before, place = self.told_content(), self.told_place()
        self.events[number] = event
        after = self.told_content()
        if after is not before:
            self.content = after
        if self.told_place() != place:
            self.is_absent = False

    def read(self, content: dict[str, Any]) -> None:
        """A file that has it."""
        is_later = self.content is None or date_of(content) > date_of(self.content)
        if is_later:
            self.content = content
        self.is_absent = False
        if "opus" in content and (
            self.file_mode is None or date_of(content) >= date_of(self.file_mode)
        ):
            self.file_mode = content

    def miss(self) -> None:
        """A snapshot that lacks it."""
        if self.state == "active":
            self.is_absent = True

    # --- The answer ---

    @property
    def state(self) -> str | None:
        if self.content is None:
            return None
        told = self.told_state() or "active"
        return "absente" if told == "active" and self.is_absent else told

    @property
    def mode(self) -> tuple[bool, Any]:
        """(whether it was declared, the posts left that it tells)."""
        told = self.told_mode() or (self.file_mode and self.file_mode["opus"])
        return (bool(told), told["postesRestants"] if told else None)


def kind_of(event: dict[str, Any]) -> str:
    kind: str = event["type"].rpartition(".")[2]
    return kind


def date_of(content: dict[str, Any]) -> str:
    date: str = content["dateActualisation"]
    return date
