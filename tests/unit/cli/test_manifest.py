from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.manifest import arrival, load_manifest
from sync.errors import ConfigurationError

EARLY = datetime(2026, 1, 1, tzinfo=UTC)


def mail(date: str, received: str | None = None) -> bytes:
    top = f"Received: from a by b; {received}\r\n" if received else ""
    return f"{top}Date: {date}\r\nSubject: x\r\n\r\nbody".encode()


def test_a_mail_arrives_at_its_own_date() -> None:
    assert arrival(mail("Mon, 09 Feb 2026 10:04:00 +0100"), EARLY) == datetime(2026, 2, 9, 9, 4, tzinfo=UTC)


def test_the_clock_never_goes_back() -> None:
    later = datetime(2026, 3, 1, tzinfo=UTC)
    assert arrival(mail("Mon, 09 Feb 2026 10:04:00 +0100"), later) == later


def test_a_date_that_the_receiving_server_contradicts_does_not_count() -> None:
    raw = mail("Mon, 09 Feb 2099 10:04:00 +0000", "Mon, 09 Feb 2026 10:05:00 +0000")
    assert arrival(raw, EARLY) == datetime(2026, 2, 9, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 10:04:00 +0000", "\x00"])
def test_a_broken_date_is_no_obstacle(date: str) -> None:
    assert arrival(mail(date), EARLY) == EARLY


def test_a_manifest_with_faults_names_every_one(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "mails:\n- {id: a, file: no.eml, mailbox: []}\n- {file: x.eml, mailbox: [b@c.example]}\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        load_manifest(tmp_path / "m.yaml")
    assert "mails.0.mailbox" in str(caught.value)
    assert "mails.1.id" in str(caught.value)


def test_a_manifest_whose_mails_are_not_there_names_them(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("mails:\n- {id: a, file: no.eml, mailbox: [b@c.example]}\n")
    with pytest.raises(ConfigurationError, match=r"no\.eml"):
        load_manifest(tmp_path / "m.yaml")
