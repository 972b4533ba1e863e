"""What tests of offers share: an open feed, files to import, the API at hand."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.synthetic.stand_in_api import StandIn, serving
from tests.offers.helpers.feed import SECRET
from tests.offers.helpers.files import as_bytes
from tests.offers.helpers.pull import Source


@pytest.fixture
def open_feed(settings: Any) -> None:
    settings.FEED_SECRETS = [SECRET]


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., str]:
    """Writes a file of offers; a line is an offer, a text or bytes."""

    def write(lines: Iterable[Any], name: str = "offres.jsonl") -> str:
        data = b"".join(as_bytes(line) + b"\n" for line in lines)
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return write


@pytest.fixture
def source() -> Iterator[Source]:
    """An API with nothing to show yet."""
    held: dict[str, Any] = {}
    with serving(StandIn(lambda: list(held.values()))) as server:
        source = Source(server, held)
        yield source
        source.close()
