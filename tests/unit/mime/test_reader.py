"""Headers, files and character sets as senders really write them (MAIL-4, MAIL-6, MAIL-7)."""

import base64
import struct
from datetime import UTC, datetime

import pytest

from connectors.mime import read_mail
from connectors.mime.reader import LARGEST
from schemas.mail import AttachmentKind, UnreadableMail

HEAD = "From: a@b.example\nTo: c@d.example\nSubject: x\n"


def with_file(fields, content="QUJD"):
    body = f"--b\n\nSee file\n--b\n{fields}\n\n{content}\n--b--\n"
    return f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{body}"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="plan.pdf"', "plan.pdf"),
        ("attachment; filename*=utf-8''Facture%20impay%C3%A9e.pdf", "Facture impayée.pdf"),
        ("attachment; filename*0*=utf-8''lang%C3%A9; filename*1=r.pdf", "langér.pdf"),
        ('attachment; filename="=?utf-8?B?TGV0dMOpci5wZGY=?="', "Lettér.pdf"),
        ('attachment; filename="..\\\\..\\\\Windows\\\\evil.exe"', "evil.exe"),
        ('attachment; filename="/etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\a.txt"', "a.txt"),
        ('attachment; filename="invoice\u202efdp.exe"', "invoicefdp.exe"),
        ('attachment; filename="a\x07b\x00.txt"', "ab.txt"),
        ('attachment; filename=".."', "attachment-1.pdf"),
        ("attachment", "attachment-1.pdf"),
        (f'attachment; filename="{"x" * 400}.pdf"', f"{'x' * 196}.pdf"),
    ],
)
def test_names_of_files_are_safe(read, disposition, name):
    mail = read(with_file(f"Content-Type: application/pdf\nContent-Disposition: {disposition}"))
    assert [each.name for each in mail.attachments] == [name]


def test_a_file_is_measured_decoded(read):
    fields = (
        "Content-Type: image/png; name=logo.png\nContent-Transfer-Encoding: base64\nContent-ID: <logo@1>\n"
    )
    (file,) = read(with_file(fields + "Content-Disposition: inline; filename=logo.png")).attachments
    assert (file.size, file.content_id, file.inline) == (3, "logo@1", True)
    assert file.sha256.startswith("b5d4045c3f466fa91fe2cc6abe79232a")


def test_the_signature_of_a_signed_mail_is_told_from_files(read):
    mail = read(with_file("Content-Type: application/pkcs7-signature; name=smime.p7s"))
    assert [each.kind for each in mail.attachments] == [AttachmentKind.SIGNATURE]
    assert mail.new_text == "See file"


def test_sealed_content_is_a_fault(read):
    mail = read(f"{HEAD}Content-Type: application/pkcs7-mime; name=smime.p7m\n\nMII\n")
    assert "encrypted or sealed" in mail.faults[0]


def tnef(*objects):
    packed = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, kind, data in objects:
        checksum = sum(data) & 0xFFFF
        packed += struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", checksum)
    return base64.encodebytes(packed).decode()


def test_the_files_in_winmail_dat_stand_beside_it(read):
    packed = tnef(
        (1, 0x9006, 8, struct.pack("<I", 0x10000)),
        (1, 0x9007, 6, struct.pack("<II", 1252, 0)),
        (1, 0x800C, 2, b"The text of the mail"),
        (2, 0x9002, 6, bytes(14)),
        (2, 0x8010, 1, b"fit note.pdf\0"),
        (2, 0x800F, 6, b"%PDF"),
    )
    fields = "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64"
    mail = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n{fields}\n\n{packed}\n--b--\n")
    assert [(each.name, each.kind) for each in mail.attachments] == [
        ("winmail.dat", "tnef"),
        ("fit note.pdf", "file"),
    ]
    assert mail.new_text == "The text of the mail"


def test_a_broken_winmail_dat_is_kept_as_it_is(read):
    mail = read(with_file("Content-Type: application/ms-tnef; name=winmail.dat", "not tnef"))
    assert [each.name for each in mail.attachments] == ["winmail.dat"]
    assert "winmail.dat" in mail.faults[0]


def test_an_unknown_character_set_is_guessed_and_noted(read):
    mail = read(f"{HEAD}Content-Type: text/plain; charset=x-klingon\n\nCafé".encode())
    assert mail.new_text == "Café"
    assert "'x-klingon'" in mail.faults[0]


@pytest.mark.parametrize("charset", ["us-ascii", "utf-8", "iso-8859-1", "unknown-8bit"])
def test_bytes_of_another_character_set_are_read_all_the_same(read, charset):
    mail = read(f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode() + b"\xa3 14 \x96 caf\xe9")
    assert mail.new_text == "£ 14 – café"


@pytest.mark.parametrize("codec", ["idna", "rot13", "base64", "undefined", "unicode_escape"])
def test_a_codec_that_is_no_character_set_is_refused(read, codec):
    assert read(f"{HEAD}Content-Type: text/plain; charset={codec}\n\nhello").new_text == "hello"


def test_damaged_base64_is_read_around_and_noted(read):
    mail = read(f"{HEAD}Content-Transfer-Encoding: base64\n\naGVsbG8g@@@d29ybGQ\n")
    assert mail.new_text == "hello world"
    assert "damaged" in mail.faults[0]


def test_damaged_quoted_printable_is_read(read):
    assert (
        read(f"{HEAD}Content-Transfer-Encoding: quoted-printable\n\n50=25 =ZZ off=").new_text == "50% =ZZ off"
    )


def test_encoded_words_split_in_the_middle_of_a_letter_are_joined(read):
    assert read("From: a@b.example\nSubject: =?utf-8?B?w4M=?= =?utf-8?B?wqk=?=\n\nx").subject == "Ã©"
    assert (
        read("From: a@b.example\nSubject: =?utf-8?Q?=C3?=\n =?utf-8?Q?=A9t=C3=A9?= !\n\nx").subject == "été !"
    )


def test_raw_bytes_in_a_subject_are_read(read):
    assert read(b"From: a@b.example\nSubject: caf\xc3\xa9\n\nx").subject == "café"
    assert read(b"From: a@b.example\nSubject: caf\xe9\n\nx").subject == "café"


def test_a_comma_in_an_encoded_name_does_not_split_the_address(read):
    mail = read("From: =?utf-8?Q?Doe=2C_J=C3=BCrgen?= <J@B.example>\n\nx")
    assert (mail.sender.address, mail.sender.name) == ("j@b.example", "Doe, Jürgen")


def test_a_mail_without_any_sender_is_read(read):
    mail = read("Subject: x\n\nhello")
    assert mail.sender.address == ""
    assert mail.faults == ("no field names a sender",)
    assert mail.internet_message_id is None


def test_ten_thousand_recipients_are_read(read):
    people = ",\n ".join(f'"Person, {number}" <p{number}@d.example>' for number in range(10_000))
    assert len(read(f"From: a@b.example\nTo: {people}\n\nhello").to) == 10_000


def test_references_are_read_oldest_first_even_without_brackets(read):
    mail = read(f"{HEAD}References: <1@x> <2@x>\n <3@x>\nIn-Reply-To: 3@x\n\nhello")
    assert mail.references == ("<1@x>", "<2@x>", "<3@x>")
    assert mail.in_reply_to == ("<3@x>",)


@pytest.mark.parametrize(
    ("date", "read_as"),
    [
        ("Thu, 19 Feb 2026 07:58:00 +0100", datetime(2026, 2, 19, 6, 58, tzinfo=UTC)),
        ("Thu, 19 Feb 2026 07:58:00 -0000", datetime(2026, 2, 19, 7, 58, tzinfo=UTC)),
        ("yesterday", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
    ],
)
def test_dates_are_instants_or_nothing(read, date, read_as):
    assert read(f"{HEAD}Date: {date}\n\nhello").sent_at == read_as


def test_only_the_topmost_check_counts(read):
    mail = read(
        'Authentication-Results: mx; spf=fail (spf=pass) mailfrom="a; dmarc=pass"@b; dkim=fail; dkim=pass\n'
        "Authentication-Results: forged; spf=pass; dmarc=pass\n" + HEAD + "\nhello"
    )
    assert (mail.check.spf, mail.check.dkim, mail.check.dmarc) == ("fail", "pass", "none")


def test_two_words_about_inside_are_no_proof(read):
    field = "X-MS-Exchange-Organization-AuthAs"
    assert not read(f"{field}: Anonymous\n{field}: Internal\n{HEAD}\nhello").check.internal


def report(*groups):
    blocks = "\n\n".join(["Reporting-MTA: dns;mx", *groups])
    return (
        f"{HEAD}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry\n"
        f"--b\nContent-Type: message/delivery-status\n\n{blocks}\n\n"
        "--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <mine@d.example>\nSubject: y\n--b--\n"
    )


def test_the_worst_recipient_of_a_report_counts(read):
    mail = read(
        report(
            "Final-Recipient: rfc822;ok@x.example\nAction: delivered\nStatus: 2.0.0",
            "Final-Recipient: rfc822;Bad@x.example\nAction: failed\nStatus: 5.1.1",
        )
    )
    assert (mail.report.recipient, mail.report.action, mail.report.permanent) == (
        "bad@x.example",
        "failed",
        True,
    )
    assert mail.report.original_message_id == "<mine@d.example>"
    assert mail.attachments == ()


def test_a_delay_is_not_permanent(read):
    mail = read(report("Final-Recipient: rfc822;a@x.example\nAction: delayed\nStatus: 4.4.7"))
    assert not mail.report.permanent


def test_an_old_bounce_is_recognised_by_its_headers(read):
    mail = read(
        "From: postmaster@x.example\nReturn-Path: <>\nIn-Reply-To: <mine@d.example>\n\n550 5.1.1 unknown user"
    )
    assert mail.report.status == "5.1.1"
    assert mail.report.original_message_id == "<mine@d.example>"


def test_a_page_gives_text_without_scripts_and_names_its_language(read):
    page = '<html lang="fr-FR"><head><title>T</title></head><body><script>x()</script><p>Salut</p>'
    mail = read(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{page}")
    assert (mail.new_text, mail.language) == ("Salut", "fr")


def test_rows_in_the_quote_are_no_cells(read):
    page = (
        "<table><tr><td>Site:</td><td>Depot</td></tr></table>"
        '<div id="divRplyFwdMsg">x</div><table><tr><td>Site</td><td>Old place</td></tr></table>'
    )
    mail = read(f"{HEAD}In-Reply-To: <1@x>\nContent-Type: text/html\n\n{page}")
    assert [(each.label, each.value) for each in mail.cells] == [("Site", "Depot")]


def test_a_mail_over_the_limit_is_set_aside_with_words():
    mail = read_mail(
        b"x" * (LARGEST + 1), mailbox="a@b", remote_id="1", received_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert isinstance(mail, UnreadableMail)
    assert "30 MB" in mail.reason
    assert mail.size == LARGEST + 1


def nested(levels, inner="Content-Type: text/plain\n\nhello\n"):
    for level in range(levels):
        inner = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{inner}\n--b{level}--\n"
    return HEAD + inner


@pytest.mark.parametrize("levels", [30, 300, 3_000])
def test_deep_nesting_is_a_fault_and_not_a_crash(read, levels):
    mail = read(nested(levels))
    assert "deeper than 20" in mail.faults[0]
    assert mail.sender.address == "a@b.example"


def test_twenty_levels_are_read(read):
    assert read(nested(20)).new_text == "hello"


def test_nul_bytes_are_removed_and_noted(read):
    mail = read(HEAD.encode() + b"\nhel\0lo")
    assert mail.new_text == "hello"
    assert "NUL" in mail.faults[0]


def test_a_third_form_of_the_text_is_no_file(read):
    parts = "--b\n\nhello\n--b\nContent-Type: text/x-amp-html\n\n<html amp4email>\n--b--\n"
    mail = read(f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n{parts}")
    assert (mail.new_text, mail.attachments) == ("hello", ())


def test_text_around_a_picture_is_read_in_order(read):
    picture = "Content-Type: image/png; name=a.png\nContent-Disposition: inline; filename=a.png\n\nx"
    parts = f"--b\n\nbefore\n--b\n{picture}\n--b\n\nafter\n--b--\n"
    mail = read(f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{parts}")
    assert (mail.new_text, len(mail.attachments)) == ("before\n\nafter", 1)


def test_a_file_in_base64_called_a_message_is_read_as_one(read):
    inner = base64.b64encode(b"From: e@f.example\nSubject: inner\n\nThe tap").decode()
    mail = read(with_file("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64", inner))
    assert (mail.forwarded[0].subject, mail.forwarded[0].text) == ("inner", "The tap")
    assert mail.attachments[0].name == "inner.eml"


def test_rows_of_a_forwarded_mail_are_cells(read):
    page = (
        "<p>See below</p><p>From: Eve &lt;e@f.example&gt;<br>Sent: x<br>Subject: y</p>"
        "<table><tr><td>Site:</td><td>Depot</td></tr></table>"
    )
    mail = read(f"From: a@b.example\nSubject: FW: y\nContent-Type: text/html\n\n{page}")
    assert [(each.label, each.value) for each in mail.cells] == [("Site", "Depot")]
    assert mail.forwarded[0].text == "Site:\tDepot"


def test_a_character_set_with_a_nul_byte_is_no_trouble(read):
    mail = read(HEAD.encode() + b'Content-Type: text/plain; charset="a\0b"\n\ncaf\xe9')
    assert mail.new_text == "café"


def test_parameters_that_contradict_each_other_are_passed_over(read):
    mail = read(
        f"{HEAD}Content-Type: text/plain; charset*0*=utf-8''x; charset*=utf-8''y; charset*1=z\n\nhello"
    )
    assert mail.new_text == "hello"


def test_a_structure_that_cannot_be_followed_leaves_the_header(read):
    mail = read(
        f"{HEAD}Content-Type: multipart/mixed; boundary*0*=utf-8''x; boundary*=utf-8''y\n\n--x\n\nhello"
    )
    assert mail.subject == "x"
    assert "structure" in mail.faults[0]
