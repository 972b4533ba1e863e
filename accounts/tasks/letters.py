"""The PDFs of letters (R6). See ``opus.lib.printing``."""

from celery import shared_task

from accounts import documents
from accounts.models import Letter
from opus.lib.printing import SWEEP_EVERY, print_sheet, sweep


@shared_task
def make_letter(letter_pk: str) -> None:
    """Print one letter, if it still waits."""
    letter = Letter.take(letter_pk)
    if letter:
        print_sheet(
            letter,
            documents.title_of(letter),
            documents.LETTER_STYLE,
            tight=documents.TIGHT_STYLE,
        )


@shared_task(expires=SWEEP_EVERY)
def make_waiting_letters() -> None:
    """Find the letters that no worker was told of, or that are due again (R6)."""
    sweep(Letter, make_letter)
