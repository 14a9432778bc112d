"""Whatever the bytes are, reading gives a value that can be stored (never an exception)."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.mime import read_mail
from schemas.mail import MailMessage

MAILS = Path(__file__).parents[3] / "examples" / "northgate" / "mail"
EXAMPLES = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]
FRAGMENTS = [
    *(b"From: ", b"To: ", b"Subject: ", b"Date: ", b"References: ", b"Return-Path: <>\n", b"In-Reply-To: "),
    *(
        b"Content-Type: multipart/mixed; boundary=",
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/html\n",
    ),
    *(
        b"Content-Type: text/plain; charset=",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Disposition: ",
    ),
    *(
        b"Content-Type: multipart/report; boundary=b\n",
        b"Content-Type: message/delivery-status\n",
        b"filename*0*=",
    ),
    *(
        b"=?utf-8?B?",
        b"=?x?Q?",
        b"?=",
        b"--b\n",
        b"--b--\n",
        b"\n",
        b"\n\n",
        b"\r\n",
        b"\0",
        b"\xff\xfe",
        b"<",
        b">",
    ),
    *(
        b"<table><tr><td>",
        b"<blockquote type=cite>",
        b"On 1 Feb 10:00, a@b wrote:\n",
        b"> ",
        b"-- \n",
        b"b\n",
        b"@",
    ),
    *(
        b"application/ms-tnef; name=winmail.dat\n\n",
        b"x\x9f\x3e\x22\x00\x00",
        b"text/calendar; method=",
        b"METHOD:",
    ),
]
fast = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def check(raw):
    mail = read_mail(raw, mailbox="a@b.example", remote_id="1", received_at=datetime(2026, 2, 9, tzinfo=UTC))
    mail.model_dump_json().encode("utf-8")
    if not isinstance(mail, MailMessage):
        assert mail.reason.startswith(("the mail is empty", "the content is no mail"))
    else:
        assert "\0" not in mail.text
        assert "\n" not in mail.subject
        assert MailMessage.model_validate_json(mail.model_dump_json()) == mail


@fast
@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=12), max_size=40).map(b"".join))
def test_mails_put_together_from_fragments_never_raise(raw):
    check(raw)


@fast
@given(st.sampled_from(EXAMPLES), st.data())
def test_example_mails_with_damage_never_raise(raw, data):
    damaged = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(damaged)))
        end = min(len(damaged), start + data.draw(st.integers(0, 200)))
        damaged[start:end] = data.draw(st.binary(max_size=20))
    check(bytes(damaged))


@fast
@given(st.binary(max_size=300))
def test_noise_never_raises(raw):
    check(raw)
