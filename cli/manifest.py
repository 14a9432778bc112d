"""A folder of mails to replay: the manifest and the mails beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.base import Instant
from schemas.commands import ImportCase
from sync.errors import ConfigurationError


class ManifestCase(BaseModel):
    """A case that exists before the first mail."""

    model_config = ConfigDict(extra="ignore")

    reference: str
    request_type: str
    requester: str
    participants: tuple[str, ...] = ()
    subject: str = ""
    status: str = "in_progress"
    opened: Instant
    closed: Instant | None = None
    approver: str | None = None
    message_ids: tuple[str, ...] = ()

    def command(self) -> ImportCase:
        """The command that brings it in."""
        return ImportCase.model_validate(self.model_dump())


class ManifestMail(BaseModel):
    """One mail: its file and the inboxes that it arrives in."""

    model_config = ConfigDict(extra="ignore")

    id: str
    file: str
    mailbox: tuple[str, ...] = Field(min_length=1)
    assigned_reference: str | None = None


class Manifest(BaseModel):
    """`existing_cases` and `mails`; answers that stand beside them are not read."""

    model_config = ConfigDict(extra="ignore")

    existing_cases: tuple[ManifestCase, ...] = ()
    mails: tuple[ManifestMail, ...]


def load_manifest(path: Path) -> Manifest:
    """Read a manifest. Raises ConfigurationError that names every fault with its place in the file."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        manifest = Manifest.model_validate(content)
    except OSError as error:
        raise ConfigurationError(f"The manifest {path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The manifest {path} is not YAML: {error}.") from None
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'manifest'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigurationError(
            f"The manifest {path} has {len(faults)} faults:\n  " + "\n  ".join(faults)
        ) from None
    _check(manifest, path)
    return manifest


def _check(manifest: Manifest, path: Path) -> None:
    faults = list(_faults(manifest, path.parent))
    if faults:
        raise ConfigurationError(f"The manifest {path} has {len(faults)} faults:\n  " + "\n  ".join(faults))


def _faults(manifest: Manifest, folder: Path) -> Iterator[str]:
    seen: set[str] = set()
    for place, mail in enumerate(manifest.mails):
        if mail.id in seen:
            yield f"mails.{place}.id: {mail.id} stands twice; every mail needs an id of its own"
        seen.add(mail.id)
        if not (folder / mail.file).is_file():
            yield f"mails.{place}.file: there is no file {mail.file} beside the manifest"


def arrival(raw: bytes, earliest: datetime) -> datetime:
    """When a mail arrives on the virtual clock: at its own date, never before the mails that came first.

    A date that the receiving server contradicts by more than a day is a forgery and does not count.
    """
    headers = BytesHeaderParser(policy=compat32).parsebytes(raw)
    written = _instant(headers.get("Date"))
    received = _instant(str(headers.get("Received", "")).rpartition(";")[2] or None)
    if written and received and abs(written - received) > timedelta(days=1):
        written = received
    return max(written or received or earliest, earliest)


def _instant(text: object) -> datetime | None:
    try:
        value = parsedate_to_datetime(" ".join(str(text).split())) if text else None
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if value is None:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
