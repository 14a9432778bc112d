"""Which attached files belong to a case (requirements MAIL-6; examples/README.md)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.catalogue import Catalogue
from schemas.mail import Attachment, AttachmentKind, MailMessage
from schemas.thread import Verdict

_LOGO_NAME = re.compile(
    r"^(?:image|logo|icon|banner|signature|outlook)[-_ ]?\w{0,40}\.(?:png|gif|jpe?g|bmp|svg)$", re.IGNORECASE
)
_SMALL = 20_000  # bytes; pasted screenshots are larger, logos rarely
_PROGRAMS = """
exe com scr pif bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta lnk msi msp jar reg cpl dll iso img vhd one appx
docm xlsm pptm dotm xlam chm url settingcontent-ms scf inf library-ms
"""
_DANGEROUS = frozenset(_PROGRAMS.split())
_EQUAL = {"jpg": "jpeg", "tif": "tiff", "htm": "html"}


@dataclass(frozen=True)
class Files:
    """Attachments by name: on the case, left out as decoration, set aside for a person."""

    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()


def sort_files(mail: MailMessage, verdict: Verdict, catalogue: Catalogue) -> Files:
    """Sort the files of a mail, and of the messages passed on inside it.

    Signature images, signature files and packing are dropped. Files of a held mail, files that can run, and
    files over the limit of the catalogue (`mail_rules.max_attachment_mb`) are set aside.
    """
    limit = catalogue.mail_rules.max_attachment_mb * 1_000_000
    kept, dropped, aside = [], [], []
    for each in all_files(mail):
        if _is_decoration(each):
            dropped.append(each.name)
        elif verdict.action == "hold" or each.size > limit or extension(each.name) in _DANGEROUS:
            aside.append(each.name)
        else:
            kept.append(each.name)
    return Files(tuple(kept), tuple(dropped), tuple(aside))


def all_files(mail: MailMessage) -> list[Attachment]:
    """Attachments of the mail and of what it passes on, each once."""
    inner = (each for passed in mail.forwarded for each in passed.attachments)
    return list({(each.name, each.sha256): each for each in (*mail.attachments, *inner)}.values())


def extension(name: str) -> str:
    """The ending of a file name, lower case, without the point."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def accepted(names: Iterable[str], endings: Iterable[str]) -> tuple[str, ...]:
    """Those of the files that have one of these endings; with no endings given, all."""
    allowed = {_EQUAL.get(each.lower(), each.lower()) for each in endings}
    return tuple(
        each for each in names if not allowed or _EQUAL.get(extension(each), extension(each)) in allowed
    )


def _is_decoration(file: Attachment) -> bool:
    if file.kind in {AttachmentKind.SIGNATURE, AttachmentKind.TNEF}:
        return True
    shown = file.content_type.startswith("image/") and (file.inline or file.content_id is not None)
    return shown and file.size < _SMALL and _LOGO_NAME.match(file.name) is not None
