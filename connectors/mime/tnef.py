"""winmail.dat: the packing that old Outlook settings put around files and text (requirement MAIL-6)."""

import mimetypes
import struct
from dataclasses import dataclass

from tnefparse import TNEF

LARGEST = 20_000_000  # bytes
MOST_OBJECTS = 2_000  # the library copies the rest of the file for each object

_SIGNATURE = 0x223E9F78


@dataclass(frozen=True)
class Packed:
    """Files as (name, bytes), and the text of the mail in up to two forms."""

    files: tuple[tuple[str, bytes], ...] = ()
    text: str | None = None
    html: str | None = None


def unpack(data: bytes, faults: list[str]) -> Packed:
    """The content of a winmail.dat; where it cannot be read a fault says so and it stays as it is."""
    if len(data) > LARGEST or not _countable(data):
        faults.append("winmail.dat is damaged or too large to unpack; the file itself is kept")
        return Packed()
    try:
        read = TNEF(data, do_checksum=False)
        files = tuple(
            (str(each.long_filename() or ""), bytes(each.data)) for each in read.attachments if each.data
        )
        return Packed(files, _text(read.body), _text(read.htmlbody))
    except Exception:  # the library raises whatever its bytes lead it to
        faults.append("winmail.dat is damaged and could not be unpacked; the file itself is kept")
        return Packed()


def guess_type(name: str) -> str:
    """A content type by the ending of the name: the packing carries none."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("cp1252", "replace").rstrip("\0")
    return value.rstrip("\0") if isinstance(value, str) else None


def _countable(data: bytes) -> bool:
    """Whether this is TNEF with a sane number of objects: level, name, type, length, data, checksum."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return False
    offset, count = 6, 0
    while offset + 11 <= len(data) and count <= MOST_OBJECTS:
        offset += 11 + int(struct.unpack_from("<I", data, offset + 5)[0])
        count += 1
    return 0 < count <= MOST_OBJECTS
