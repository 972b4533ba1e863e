"""The state of an offer after events, in any order.

The highest sequence with content and the one with a state win; *annulée* is final.
"""

from dataclasses import dataclass, replace

from offers.enums import OfferState
from offers.feed.events import Event
from offers.feed.models import EventKind
from offers.payload.mode import OfferMode
from offers.payload.offer import OfferContent

STATES = {
    EventKind.CREATED: OfferState.ACTIVE,
    EventKind.SUSPENDED: OfferState.SUSPENDED,
    EventKind.REACTIVATED: OfferState.ACTIVE,
    EventKind.CANCELLED: OfferState.CANCELLED,
    EventKind.FILLED: OfferState.FILLED,
}


@dataclass(slots=True)
class Standing:
    """An offer as stored, then with each event applied.

    ``event_state``: the state from events, even if a snapshot lacks the offer.
    Sequences are those of the events that gave content, state and mode.
    """

    reference: str
    exists: bool = False
    event_state: OfferState = OfferState.ACTIVE
    is_cancelled: bool = False
    is_absent: bool = False
    content_sequence: int | None = None
    state_sequence: int | None = None
    mode_sequence: int | None = None
    # Found in the new events.
    content_event: Event | None = None
    mode_event: Event | None = None
    is_heard: bool = False

    def apply(self, event: Event) -> bool:
        """Apply an event; False if it is outdated."""
        is_news = False
        content, sequence = event.content, event.sequence
        if content and is_higher(sequence, self.content_sequence):
            self.content_sequence, self.content_event = sequence, event
            is_news = True
        declares = content and content.mode.is_declared
        if declares and is_higher(sequence, self.mode_sequence):
            self.mode_sequence, self.mode_event = sequence, event
            is_news = True
        is_news |= self.apply_state(event)
        self.is_heard |= is_news
        return is_news

    def apply_state(self, event: Event) -> bool:
        target = STATES.get(event.kind)
        if target is None:
            return False
        is_news = False
        if is_higher(event.sequence, self.state_sequence):
            self.state_sequence, self.event_state = event.sequence, target
            is_news = not self.is_cancelled
        if target == OfferState.CANCELLED and not self.is_cancelled:
            self.is_cancelled = is_news = True
        return is_news

    @property
    def state(self) -> OfferState:
        """Return the state; an event brings a missed offer back."""
        if self.is_cancelled:
            return OfferState.CANCELLED
        is_missed = self.is_absent and not self.is_heard
        is_active = self.event_state == OfferState.ACTIVE
        return OfferState.ABSENT if is_active and is_missed else self.event_state

    @property
    def content(self) -> OfferContent | None:
        """Return the content with its mode, which has another source."""
        if self.content_event is None or self.content_event.content is None:
            return None
        return replace(self.content_event.content, mode=self.mode)

    @property
    def mode(self) -> OfferMode:
        """Return the mode; raise ValueError if no event gave one."""
        event = self.mode_event or self.content_event
        if event is None or event.content is None:
            raise ValueError("no content, no mode")
        return event.content.mode


def is_higher(sequence: int, known: int | None) -> bool:
    return known is None or sequence > known
