"""The parts of an archive, unpacked within bounds."""

import io
import struct
import zipfile
import zlib

from opus.lib.uploads.inspection.findings import Finding, Found

# The readers open the file with their own tools: what may exhaust them is refused.
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 2_000
HEADER = struct.Struct("<4s22xHH")
IS_ENCRYPTED, IS_UTF8 = 0x1, 0x800
OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return each part by its name in small letters. Raises Found."""
    entries = entries_of(content)
    if len(entries) > MAX_PARTS or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise Found(Finding.SWOLLEN)
    if any(entry.flag_bits & IS_ENCRYPTED for entry in entries):
        raise Found(Finding.LOCKED)
    parts = {
        entry.filename.replace("\\", "/").lstrip("/").lower(): unpacked(content, entry)
        for entry in entries
    }
    # Of two with one name, each reader opens the one that it likes.
    if len(parts) != len(entries):
        raise Found(Finding.BROKEN)
    return parts


def entries_of(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the archive's own list, if the archive is all of the file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            comment = archive.comment
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        NotImplementedError,
        OverflowError,
        OSError,
    ) as error:
        raise Found(Finding.BROKEN) from error
    # A reader of PDF looks for its own beginning in the first kilobyte.
    is_after = min((entry.header_offset for entry in entries), default=0) > 0
    if comment or is_after or b"%PDF-" in content[:1024]:
        raise Found(Finding.TWO_IN_ONE)
    return entries


def unpacked(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return one part, exactly as long as the list says."""
    begin = entry.header_offset
    header = content[begin : begin + HEADER.size]
    if len(header) < HEADER.size or not header.startswith(ZIP):
        raise Found(Finding.BROKEN)
    _, name_length, extra_length = HEADER.unpack(header)
    begin += HEADER.size + name_length
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & IS_UTF8 else "cp437")
    if content[begin - name_length : begin] != name:
        raise Found(Finding.BROKEN)
    begin += extra_length
    packed = content[begin : begin + entry.compress_size]
    whole, is_whole = packed, True
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            whole = stream.decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise Found(Finding.BROKEN) from error
        is_whole = stream.eof or entry.file_size == 0
    elif entry.compress_type != zipfile.ZIP_STORED:
        raise Found(Finding.BROKEN)
    if len(whole) > entry.file_size:
        raise Found(Finding.SWOLLEN)
    if not is_whole or zlib.crc32(whole) != entry.CRC:
        raise Found(Finding.BROKEN)
    return whole
