"""Inspect one file in a process of its own; ``received`` starts it.

It reads bytes made by a stranger: it has no setting, no secret, no connection, and a
short life. It imports nothing of Django.
"""

import encodings.cp437  # noqa: F401 - names in archives; no module is read later
import resource
import sys

from opus.lib.uploads import findings, office_documents, pdf
from opus.lib.uploads.findings import Finding, Found

MEMORY = 320 * 1024 * 1024
# Seconds of the processor: the largest honest file needs half of one.
TIME = 2


def main() -> None:
    """Print the kind of the file, or the name of a finding."""
    bound()
    try:
        print(kind_of(sys.stdin.buffer.read()))  # noqa: T201 - its answer
    except Found as error:
        print(error.finding.name)  # noqa: T201
    except (MemoryError, RecursionError):
        print(Finding.TOO_COMPLEX.name)  # noqa: T201


def bound() -> None:
    limits = {
        resource.RLIMIT_DATA: MEMORY,
        resource.RLIMIT_CPU: TIME,
        resource.RLIMIT_FSIZE: 0,
        # No more than the three it was given: no file, no socket.
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_CORE: 0,
    }
    for limit, most in limits.items():
        resource.setrlimit(limit, (most, most))


def kind_of(content: bytes) -> str:
    """Return pdf, docx or odt. Raises Found."""
    if content.startswith(b"%PDF-"):
        pdf.inspect(content)
        return "pdf"
    if not content.startswith(findings.ZIP):
        raise Found(Finding.UNKNOWN)
    parts = findings.parts_of(content)
    if office_documents.is_opendocument(content):
        office_documents.inspect_opendocument(parts)
        return "odt"
    if office_documents.is_word(parts):
        office_documents.inspect_word(parts)
        return "docx"
    raise Found(Finding.UNKNOWN)
