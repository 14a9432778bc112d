"""Mails as the usual programs write them: headers, parts, encodings and habits of layout."""

# ruff: noqa: E501 - mails stand as they would be written

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from itertools import count

_NUMBERS = count(1)
HOME = "northgate.example"


@dataclass(frozen=True)
class Draft:
    """What a person wrote, before a program makes a mail of it."""

    sender: str
    to: str
    subject: str
    at: datetime
    plain: str | None = None
    html: str | None = None
    cc: str = ""
    message_id: str = ""
    answers: Sequence[str] = ()  # References, oldest first
    in_reply_to: str = ""
    files: Sequence[tuple[str, str, bytes]] = ()  # name, content type, bytes
    extra: dict[str, str] = field(default_factory=dict)
    internal: bool | None = None
    check: str = "pass"


def written(draft: Draft, program: str = "outlook") -> bytes:
    """The bytes of a mail of this program: outlook, owa, iphone, gmail, thunderbird, samsung, machine."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=300))
    own = _received(message, draft)
    for name, value in {**_basics(draft, program), **_marks(program, own), **draft.extra}.items():
        del message[name]
        message[name] = value
    _body(message, draft, program)
    for name, kind, data in draft.files:
        main, _, sub = kind.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def _received(message: EmailMessage, draft: Draft) -> bool:
    """What the receiving server adds above; returns whether the mail is one of our own people."""
    domain = parseaddr(draft.sender)[1].rpartition("@")[2]
    own = domain == HOME if draft.internal is None else draft.internal
    at = format_datetime(draft.at)
    message["Received"] = (
        f"from smtp.{domain or 'unknown.test'} ([198.51.100.24]) by mx1.{HOME} with ESMTPS; {at}"
    )
    if own:
        message["X-MS-Exchange-Organization-AuthAs"] = "Internal"
        return True
    results = {
        "pass": f"spf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}",
        "fail": f"spf=fail smtp.mailfrom=vps.test; dkim=none header.d=none; dmarc=fail header.from={domain}",
        "dkim only": f"spf=softfail smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}",
        "none": f"spf=none smtp.mailfrom={domain}; dkim=none; dmarc=none header.from={domain}",
    }
    message["Authentication-Results"] = f"mx1.{HOME}; {results[draft.check]}"
    message["X-MS-Exchange-Organization-AuthAs"] = "Anonymous"
    return False


def _basics(draft: Draft, program: str) -> dict[str, str]:
    address = parseaddr(draft.sender)[1]
    number = next(_NUMBERS)
    forms = {
        "outlook": f"<LO1P265MB{number:04}A77D@LO1P265MB{number:04}.GBRP265.PROD.OUTLOOK.example>",
        "owa": f"<CWLP265MB{number:04}0E1B@CWLP265MB{number:04}.GBRP265.PROD.OUTLOOK.example>",
        "iphone": f"<{number:08X}-5E0B-4B58-9F5C-0B7D{number:08X}@{address.rpartition('@')[2]}>",
        "gmail": f"<CAF{number:06}=kQ8w+Zr@mail.gmail.example>",
        "thunderbird": f"<{number:08x}-7aa1-4f4e-bd5a-c9f{number:09x}@{address.rpartition('@')[2]}>",
        "samsung": f"<{number}.1771234567890@email.android.example>",
        "machine": f"<{number}.alert@{address.rpartition('@')[2]}>",
    }
    found = {
        "From": draft.sender,
        "To": draft.to,
        "Subject": draft.subject,
        "Date": format_datetime(draft.at),
        "Message-ID": draft.message_id or forms[program],
        "Return-Path": f"<{address}>",
    }
    if draft.cc:
        found["Cc"] = draft.cc
    if draft.answers:
        found["References"] = " ".join(draft.answers)
    if draft.in_reply_to:
        found["In-Reply-To"] = draft.in_reply_to
    return found


def _marks(program: str, own: bool) -> dict[str, str]:
    if program in {"outlook", "owa"}:
        return {
            "Thread-Index": "AdyfS1Q2v0m3iYJcQ0a0aT0m1mFQ4w==",
            "Accept-Language": "en-GB, en-US",
            "Content-Language": "en-GB",
            "X-MS-Has-Attach": "",
            "X-MS-TNEF-Correlator": "",
            "x-ms-exchange-messagesentrepresentingtype": "1",
        }
    agents = {
        "iphone": {"X-Mailer": "iPhone Mail (22C152)", "Mime-Version": "1.0 (1.0)"},
        "thunderbird": {"User-Agent": "Mozilla Thunderbird", "Content-Language": "en-GB"},
        "samsung": {"X-Mailer": "Samsung Email"},
        "machine": {"X-Mailer": "sendmail.php", "Precedence": "first-class"},
    }
    return agents.get(program, {}) if own or program != "machine" else agents["machine"]


def _body(message: EmailMessage, draft: Draft, program: str) -> None:
    plain, html = draft.plain, draft.html
    if program == "iphone":
        html = html or (f'<html><body dir=3D"auto">{lines(plain or "")}</body></html>'.replace("=3D", "="))
        if plain is not None:
            plain += "\n\nSent from my iPhone"
        html = html.replace("</body>", '<br><div dir="ltr">Sent from my iPhone</div></body>')
    elif program == "samsung" and plain is not None:
        plain += "\n\nSent from my Galaxy"
        html = html or f"<html><body>{lines(plain)}</body></html>"
    elif program in {"outlook", "owa", "gmail"} and plain is not None and html is None:
        html = {"outlook": _word, "owa": _owa, "gmail": _gmail}[program](plain)
    if plain is not None:
        encoding = {"outlook": "quoted-printable", "owa": "base64", "thunderbird": "8bit"}.get(program)
        message.set_content(plain, cte=encoding or "quoted-printable")
        if html is not None:
            message.add_alternative(html, subtype="html", cte="quoted-printable")
    elif html is not None:
        message.set_content(html, subtype="html", cte="base64")


def _word(plain: str) -> str:
    body = "".join(
        f'<p class="MsoNormal">{escape(line) or "<o:p>&nbsp;</o:p>"}</p>\r\n' for line in plain.split("\n")
    )
    return word(body)


def word(body: str) -> str:
    """The frame that Outlook for Windows puts around a body."""
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm}'
        ' --></style></head><body lang="EN-GB"><div class="WordSection1">' + body + "</div></body></html>"
    )


def _owa(plain: str) -> str:
    return owa("".join(f"<div>{escape(line) or '<br>'}</div>" for line in plain.split("\n")))


def owa(body: str) -> str:
    """The frame of Outlook on the web."""
    return (
        '<html><head><style type="text/css" style="display:none;">P {margin-top:0;}</style></head><body dir="ltr">'
        f'<div class="elementToProof" style="font-family: Aptos; font-size: 12pt;">{body}</div></body></html>'
    )


def _gmail(plain: str) -> str:
    return f'<div dir="ltr">{lines(plain)}</div>'


def lines(plain: str) -> str:
    """Text with line breaks, as web mail writes it."""
    return "<br>".join(escape(line) for line in plain.split("\n"))


# How the sender of a request lays it out. Each takes labels with values and gives (plain, html).
type Pairs = Sequence[tuple[str, str]]
type Layout = tuple[str | None, str | None]


def colons(pairs: Pairs) -> Layout:
    return "\n".join(f"{label}: {value}" for label, value in pairs), None


def bullets(pairs: Pairs) -> Layout:
    return "\n".join(f"* {label}: {value}" for label, value in pairs), None


def starred(pairs: Pairs) -> Layout:
    """Gmail's plain form of bold labels."""
    text = "\n".join(f"*{label}:* {value}" for label, value in pairs)
    html = "<br>".join(f"<b>{escape(label)}:</b> {escape(value)}" for label, value in pairs)
    return text, f'<div dir="ltr">{html}</div>'


def bold_without_colon(pairs: Pairs) -> Layout:
    html = "".join(
        f'<p class="MsoNormal"><b>{escape(label)}</b>: {escape(value)}<o:p></o:p></p>'
        for label, value in pairs
    )
    return None, word(
        f'<p class="MsoNormal">Hello,<o:p></o:p></p>{html}<p class="MsoNormal">Regards<o:p></o:p></p>'
    )


def breaks(pairs: Pairs) -> Layout:
    html = "<br>".join(f"{escape(label)}: {escape(value)}" for label, value in pairs)
    return None, f"<html><body>Good morning,<br><br>{html}<br><br>Many thanks</body></html>"


def next_line(pairs: Pairs) -> Layout:
    return "\n\n".join(f"{label}:\n{value}" for label, value in pairs), None


def headings(pairs: Pairs) -> Layout:
    """Labels as headings, values as paragraphs below."""
    html = "".join(f"<h3>{escape(label)}</h3><p>{escape(value)}</p>" for label, value in pairs)
    return None, f"<html><body><p>Please see below.</p>{html}</body></html>"


def word_table(pairs: Pairs) -> Layout:
    """A table of Word: paragraphs in cells; the plain form puts each cell on its own line."""
    rows = "".join(
        f'<tr><td width="160" valign="top"><p class="MsoNormal"><b>{escape(label)}<o:p></o:p></b></p></td>'
        f'<td valign="top"><p class="MsoNormal">{escape(value)}<o:p></o:p></p></td></tr>'
        for label, value in pairs
    )
    plain = "\n\n".join(f"{label}\n\n{value}" for label, value in pairs)
    return f"Hello\n\n{plain}\n\nThanks", word(
        f'<p class="MsoNormal">Hello</p><table class="MsoTableGrid" border="1"><tbody>{rows}</tbody></table>'
        '<p class="MsoNormal">Thanks</p>'
    )


def headed_table(pairs: Pairs) -> Layout:
    """A table with a head row, in HTML only."""
    rows = "".join(f"<tr><th>{escape(label)}:</th><td>{escape(value)}</td></tr>" for label, value in pairs)
    return None, owa(
        f"<table><thead><tr><th>Question</th><th>Answer</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def wide_table(pairs: Pairs) -> Layout:
    """Labels in the first row, values in the second, as people paste from a spreadsheet."""
    head = "".join(f"<td><b>{escape(label)}</b></td>" for label, _ in pairs)
    row = "".join(f"<td>{escape(value)}</td>" for _, value in pairs)
    return None, owa(f"<div>Please see the row below.</div><table><tr>{head}</tr><tr>{row}</tr></table>")


def definition_list(pairs: Pairs) -> Layout:
    items = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in pairs)
    return None, f"<html><body><dl>{items}</dl></body></html>"


def html_list(pairs: Pairs) -> Layout:
    items = "".join(
        f"<li><strong>{escape(label)}:</strong>&nbsp;{escape(value)}</li>" for label, value in pairs
    )
    return None, f"<html><body><p>Hi all</p><ul>{items}</ul><p>Cheers</p></body></html>"


def prose_around(pairs: Pairs) -> Layout:
    body = "\n".join(f"{label}: {value}" for label, value in pairs)
    return (
        "Good afternoon,\n\nI hope you are well. I was told that you need all of this in one go, so here it is. I am in"
        f" until four today and on my mobile after that.\n\n{body}\n\nIf anything is unclear give me a ring. I would"
        " rather answer a question now than have it sit for a week.\n\nKind regards\n\n"
        "--\nTel: 01632 960188\nLocation: second floor\nFollow us for news and events"
    ), None


def shouted(pairs: Pairs) -> Layout:
    return "\n".join(f"{label.upper()} - {value}" for label, value in pairs), None


def semicolons(pairs: Pairs) -> Layout:
    return "; ".join(f"{label}: {value}" for label, value in pairs), None


def reversed_order(pairs: Pairs) -> Layout:
    return colons(tuple(reversed(pairs)))


def arrows(pairs: Pairs) -> Layout:
    return "\n".join(f"{label} -> {value}" for label, value in pairs), None


def numbered_table(pairs: Pairs) -> Layout:
    rows = "".join(
        f"<tr><td>{at}.</td><td>{escape(label)}</td><td>{escape(value)}</td></tr>"
        for at, (label, value) in enumerate(pairs, 1)
    )
    return None, owa(f"<table>{rows}</table>")


def two_in_a_row(pairs: Pairs) -> Layout:
    """A form of four columns: label, value, label, value."""
    cells = [f"<td><b>{escape(label)}</b></td><td>{escape(value)}</td>" for label, value in pairs]
    rows = "".join(f"<tr>{''.join(cells[at : at + 2])}</tr>" for at in range(0, len(cells), 2))
    return None, word(f"<table>{rows}</table>")


LAYOUTS = {
    "colons": ("outlook", colons),
    "bullets": ("thunderbird", bullets),
    "starred": ("gmail", starred),
    "bold": ("outlook", bold_without_colon),
    "breaks": ("owa", breaks),
    "next line": ("iphone", next_line),
    "headings": ("gmail", headings),
    "word table": ("outlook", word_table),
    "headed table": ("owa", headed_table),
    "wide table": ("owa", wide_table),
    "definition list": ("machine", definition_list),
    "html list": ("owa", html_list),
    "prose around": ("outlook", prose_around),
    "shouted": ("samsung", shouted),
    "semicolons": ("samsung", semicolons),
    "arrows": ("samsung", arrows),
    "numbered table": ("owa", numbered_table),
    "two in a row": ("outlook", two_in_a_row),
    "reversed": ("thunderbird", reversed_order),
}
"""How requests are laid out, each with a program that writes so."""
