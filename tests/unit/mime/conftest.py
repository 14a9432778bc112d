"""Short ways to read a mail in these tests."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from connectors.mime import read_mail
from schemas.mail import MailMessage

RECEIVED = datetime(2026, 2, 9, 9, 4, tzinfo=UTC)


@pytest.fixture
def read() -> Callable[[str | bytes], MailMessage]:
    def reading(raw: str | bytes) -> MailMessage:
        data = raw.encode("utf-8") if isinstance(raw, str) else raw
        mail = read_mail(data, mailbox="It.Help@northgate.example", remote_id="AAMk1", received_at=RECEIVED)
        assert isinstance(mail, MailMessage), mail.reason
        return mail

    return reading
