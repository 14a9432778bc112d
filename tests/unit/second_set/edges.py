"""Mails at the edge of a rule: near misses of automatic answers, cheats, joined colleagues, repeats."""

# ruff: noqa: E501 - mails stand as they would be written

from tests.unit.second_set.machines import FINANCE, RECEIPT, STAFF, SUPPLIER, calendar, raw, report
from tests.unit.second_set.scene import Scene, Sent, sent
from tests.unit.second_set.threads import (
    DOCK,
    EDITOR,
    GIS,
    HOUSING,
    IT,
    LONG,
    NEWS,
    OURS,
    PLANNER,
    PNG,
    TAP,
    it,
)

EDGES: list[Scene] = []


def edge(name: str, mails: list[Sent], action: str, reason: str | None = None, **more: object) -> None:
    EDGES.append(Scene("edges", name, mails, action, reason, **more))  # type: ignore[arg-type]


CC: dict[str, str] = {
    "sender": "Customer Advisor 15 <customer.advisor15@northgate.example>",
    "to": "facilities@northgate.example",
    "subject": "Dripping tap",
    "cc": "Customer Services Manager <customer.manager@northgate.example>",
}
edge(
    "cc'd colleague of the opening mail by reference",
    [
        sent(LONG, **CC),
        sent(
            "Please hurry, somebody slipped.",
            sender="Customer Services Manager <customer.manager@northgate.example>",
            to="facilities@northgate.example",
            subject="RE: [NC-005000] Received: Dripping tap",
            minutes=30,
        ),
    ],
    "follow_up",
    of="NC-005000",
)
edge(
    "not cc'd colleague by reference",
    [
        sent(LONG, **{**CC, "cc": ""}),
        sent(
            "Please hurry.",
            sender="Customer Services Manager <customer.manager@northgate.example>",
            to="facilities@northgate.example",
            subject="NC-005000",
            minutes=30,
        ),
    ],
    "hold",
    "not_a_participant",
)
edge(
    "joined colleague then by reference",
    [
        it("It happens to me too.", sender=PLANNER, subject="RE: x", in_reply_to=OURS),
        it("Any news?", sender=PLANNER, subject="NC-004101", minutes=20),
    ],
    "follow_up",
    of="NC-004101",
)
edge(
    "reply-all to the first message of someone else's request before any confirmation",
    [
        sent(LONG, message_id="<tap@x>", **CC),
        sent(
            "Me too.",
            sender="Planning Manager <planning.manager@northgate.example>",
            to="facilities@northgate.example",
            subject="RE: Dripping tap",
            in_reply_to="<tap@x>",
            minutes=5,
        ),
    ],
    "follow_up",
    of="NC-005000",
)
for n, subj, txt in (
    ("ooo swedish", "Autosvar: [NC-004118] dock", "Jag är på semester till den 23 februari."),
    (
        "ooo spanish",
        "Respuesta automática: [NC-004118]",
        "Estaré fuera de la oficina hasta el 23 de febrero.",
    ),
    (
        "ooo english words only re",
        "RE: [NC-004118] dock",
        "Thank you for your email. I am out of the office until 23 February. I will reply on my return. If your query is urgent please contact the press office on 01632 960111.",
    ),
    (
        "ooo maternity",
        "Automatic reply: [NC-004118] dock",
        "I am now on maternity leave until January. Please contact comms.manager@northgate.example in my absence.",
    ),
    ("ooo short", "Out of office Re: [NC-004118] dock", "Away until Monday."),
    (
        "left the council",
        "Automatic reply: dock",
        "I no longer work for the council. Please direct your enquiries to comms.manager@northgate.example.",
    ),
    (
        "part time",
        "Automatic reply: [NC-004118]",
        "My working days are Monday to Wednesday. I will respond to your email when I am next in.",
    ),
    (
        "ooo german re",
        "AW: [NC-004118] dock",
        "Ich bin derzeit nicht im Büro und ab dem 23.02. wieder erreichbar. Ihre Nachricht wird nicht weitergeleitet.",
    ),
    (
        "ooo french re",
        "RE : [NC-004118] dock",
        "Je suis en congés jusqu'au 23 février inclus. De retour le 24. En cas d'urgence, contactez mon collègue.",
    ),
    (
        "ooo polish re",
        "Odp: [NC-004118] dock",
        "Jestem na urlopie do 23 lutego. Wracam 24 lutego. W pilnych sprawach proszę o kontakt z biurem.",
    ),
):
    edge(n, [it(txt, sender=EDITOR, subject=subj, in_reply_to=DOCK)], "ignore", "auto_reply")
edge(
    "ooo with suppress and auto header null return path",
    [
        it(
            "Away.",
            sender=EDITOR,
            subject="Automatic reply: x",
            in_reply_to=DOCK,
            extra={
                "Return-Path": "<>",
                "X-Auto-Response-Suppress": "DR, OOF, AutoReply",
                "Auto-Submitted": "auto-generated",
            },
        )
    ],
    "ignore",
    "auto_reply",
)
edge(
    "normal mail with X-Auto-Response-Suppress only",
    [
        it(
            "My screen is broken and shows an error since 8.",
            subject="Screen",
            extra={"X-Auto-Response-Suppress": "All"},
        )
    ],
    "new_case",
)
edge(
    "auto-submitted no",
    [it("My screen is broken and shows an error since 8.", subject="Screen", extra={"Auto-Submitted": "no"})],
    "new_case",
)
edge(
    "asks about automatic replies",
    [
        it(
            "How do I set an automatic reply for my team mailbox? It shows an error.",
            subject="Automatic reply not working",
        )
    ],
    "new_case",
)
edge(
    "supplier asks to be paid urgently",
    [
        sent(
            "Our invoice GT-7 for PO118204 over £20.00 is overdue. This is urgent, please pay this week.",
            sender=SUPPLIER,
            to=FINANCE,
            subject="Overdue invoice GT-7",
        )
    ],
    "new_case",
    type="fin.invoice_query",
)
edge(
    "supplier with reply-to own other domain",
    [
        sent(
            "Our invoice GT-7 for PO118204 over £20.00 is overdue.",
            sender=SUPPLIER,
            to=FINANCE,
            subject="Overdue invoice GT-7",
            extra={"Reply-To": "billing@greenway-billing.example"},
        )
    ],
    "new_case",
    type="fin.invoice_query",
)
edge(
    "colleague with private reply-to internal",
    [
        it(
            "My screen is broken and shows an error since 8.",
            subject="Screen",
            extra={"Reply-To": "h12@mailbox.test"},
        )
    ],
    "new_case",
)
edge(
    "colleague warns about phishing by forward",
    [
        it(
            "I got this, looks like phishing. I did not click.\n\nFrom: IT Support <it@n0rthgate.example>\nSent: 16 February 2026 08:00\nTo: Housing Officer 12 <housing.officer12@northgate.example>\nSubject: Password expires\n\nYour mailbox password expires today. Confirm your account here: https://login.example.test/x",
            subject="FW: Password expires",
        )
    ],
    "new_case",
)
edge(
    "lookalike with known thread id",
    [
        it(
            "Send the list to me.",
            sender="Housing Officer 12 <housing.officer12@n0rthgate.example>",
            in_reply_to=OURS,
        )
    ],
    "hold",
    "phishing",
)
edge(
    "our domain failing with known thread",
    [it("Send the list to me.", internal=False, check="fail", in_reply_to=OURS)],
    "hold",
    "phishing",
)
edge(
    "subdomain of ours unproven",
    [it("Hello", sender="X <x@mail.northgate.example>", internal=False, check="none")],
    "hold",
    "phishing",
)
edge(
    "chief name with different case outside",
    [
        sent(
            "Are you at your desk? I need gift cards.",
            sender="CHIEF EXECUTIVE <boss@mailbox.test>",
            to=FINANCE,
            subject="Hi",
        )
    ],
    "hold",
    "phishing",
)
edge(
    "chief name no bait at finance",
    [sent("Can you call me?", sender="Chief Executive <boss@mailbox.test>", to=FINANCE, subject="Hi")],
    "hold",
    "unknown_sender",
)
edge(
    "a name that speaks for us",
    [sent("Please call.", sender="Northgate Council HR <hr@mailbox.test>", to=FINANCE, subject="Hi")],
    "hold",
    "unknown_sender",
)
edge(
    "recall",
    [
        it(
            'Communications Editor would like to recall the message, "dock".',
            sender=EDITOR,
            subject="Recall: dock",
        )
    ],
    "ignore",
    "no_request",
)
edge("empty mail", [it("", subject="")], "ignore", "no_request")
edge(
    "fyi",
    [it("FYI only, no action needed. The printer contract ends in May.", subject="Printers")],
    "ignore",
    "no_request",
)
edge(
    "a survey to all staff",
    [
        sent(
            "Please fill in the staff survey by Friday.",
            sender="Communications Manager <comms.manager@northgate.example>",
            to="all-staff@northgate.example",
            mailbox=IT,
            subject="Staff survey",
            extra=STAFF,
        )
    ],
    "ignore",
    "mailing_list",
)
edge(
    "dmarc pass spf fail forwarded supplier",
    [
        sent(
            "Our invoice GT-7 for PO118204 over £20.00 is overdue.",
            sender=SUPPLIER,
            to=FINANCE,
            subject="Invoice GT-7",
            check="dkim only",
        )
    ],
    "new_case",
    type="fin.invoice_query",
)
edge(
    "external stranger to legal queue names colleague display",
    [
        sent(
            "Contract attached for review.",
            sender="Legal Services Manager <lsm@mailbox.test>",
            to="legal@northgate.example",
            subject="Contract",
        )
    ],
    "hold",
    "unknown_sender",
)
edge(
    "bounce from other recipients",
    [
        report(
            "exchange",
            "5.1.1",
            OURS,
            subject="Undeliverable: [NC-004101] Housing",
            returned="message/rfc822",
            to="housing.manager@northgate.example",
        )
    ],
    "delivery_failure",
    of="NC-004101",
)
edge(
    "relay notice",
    [
        report(
            "exchange",
            "2.0.0",
            OURS,
            action="relayed",
            subject="Relayed: [NC-004101]",
            returned="message/rfc822",
        )
    ],
    "ignore",
    "receipt",
)
edge(
    "not read",
    [
        raw(
            RECEIPT.replace("Read:", "Not read:")
            .replace("was read", "was deleted without being read")
            .replace("displayed", "deleted")
        )
    ],
    "ignore",
    "receipt",
)
edge("tentative", [calendar("REPLY", "Tentative: Dock")], "ignore", "calendar")
edge(
    "meeting request as mail about ics file",
    [
        it(
            "The calendar file attached does not open, it shows an error.",
            subject="ics",
            files=[("m.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR")],
        )
    ],
    "new_case",
)
edge(
    "teams notification",
    [
        it(
            "Someone mentioned you in a chat.",
            sender="Microsoft Teams <noreply@email.teams.test>",
            subject="You were mentioned",
            extra={"Auto-Submitted": "auto-generated"},
        )
    ],
    "ignore",
    "auto_reply",
)
edge(
    "closed case attachments-only within window",
    [it("", sender=EDITOR, subject="RE: [NC-004118] dock", in_reply_to=DOCK, files=PNG)],
    "follow_up",
    of="NC-004118",
    only={"reopen": True},
)
edge(
    "same Message-ID, two inboxes, list copy",
    [
        it(NEWS, subject="Laptop broken error", message_id="<dup@x>"),
        sent(
            NEWS,
            sender=HOUSING,
            to=IT,
            mailbox="hr@northgate.example",
            subject="Laptop broken error",
            message_id="<dup@x>",
            minutes=300,
        ),
    ],
    "duplicate",
    "same_message_id",
)
edge(
    "same text 59 min",
    [sent(LONG, **TAP), sent(LONG, minutes=59, **TAP)],
    "duplicate",
    "same_sender_same_text_within_window",
)
edge("same text 61 min", [sent(LONG, **TAP), sent(LONG, minutes=61, **TAP)], "new_case")
edge(
    "other program layout within window",
    [sent(LONG, **TAP), sent(LONG, minutes=8, program="gmail", **TAP)],
    "duplicate",
    "same_sender_same_text_within_window",
)
edge(
    "duplicate with signature appended",
    [sent(LONG, **TAP), sent(LONG + "\n\nKind regards\n\nCustomer Advisor 15", minutes=8, **TAP)],
    "duplicate",
    "same_sender_same_text_within_window",
)

edge(
    "exchange ndr html",
    [
        raw(
            "Return-Path: <>\nFrom: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@northgate.example>\nTo: it.help@northgate.example\nSubject: Undeliverable: [NC-004101] Housing system\nDate: Mon, 16 Feb 2026 10:00:00 +0000\nMessage-ID: <ndr1@prod>\nIn-Reply-To: "
            + OURS
            + "\nX-MS-Exchange-Message-Is-Ndr:\nContent-Type: text/html\n\n<p>Your message to housing.officer12@northgate.example couldn't be delivered.</p>"
        )
    ],
    "delivery_failure",
    of="NC-004101",
)
edge(
    "qmail bounce",
    [
        raw(
            "Return-Path: <>\nFrom: MAILER-DAEMON@mail.vendor.test\nTo: it.help@northgate.example\nSubject: failure notice\nDate: Mon, 16 Feb 2026 10:00:00 +0000\nMessage-ID: <qm1@prod>\n\nHi. This is the qmail-send program at mail.vendor.test.\n<housing.officer12@northgate.example>:\n550 5.1.1 user unknown\n\n--- Below this line is a copy of the message.\n\nMessage-ID: "
            + OURS
            + "\nSubject: [NC-004101] Housing system\nFrom: it.help@northgate.example\n\nhello"
        )
    ],
    "delivery_failure",
    of="NC-004101",
)
edge(
    "exim bounce with quoted message",
    [
        raw(
            "Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mail.vendor.test>\nTo: it.help@northgate.example\nSubject: Mail delivery failed: returning message to sender\nDate: Mon, 16 Feb 2026 10:00:00 +0000\nMessage-ID: <ex1@prod>\nX-Failed-Recipients: housing.officer12@northgate.example\nAuto-Submitted: auto-replied\n\nThis message was created automatically by mail delivery software.\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: "
            + OURS
            + "\nSubject: [NC-004101] Housing system\n\nhello"
        )
    ],
    "delivery_failure",
    of="NC-004101",
)
edge(
    "ooo by approver keeps approval",
    [
        sent(
            "I am out of the office until 23 February.",
            sender="Education Manager <education.manager@northgate.example>",
            to="access@northgate.example",
            subject="Automatic reply: [NC-004140] GIS maps",
            in_reply_to=GIS,
        )
    ],
    "ignore",
    "auto_reply",
)
edge(
    "supplier thanks at finance",
    [sent("Thank you!", sender=SUPPLIER, to=FINANCE, subject="Re: payment")],
    "ignore",
    "no_request",
)
edge(
    "google group staff asks desk",
    [
        it(
            "Could you please reset my password? I am locked out, call 4417.",
            extra={"List-Id": "<it-users.northgate.example>", "Precedence": "list"},
            subject="Locked out",
        )
    ],
    "new_case",
)
edge("ref with space", [it(NEWS, subject="NC 004101")], "follow_up", of="NC-004101")
edge("ref en dash", [it(NEWS, subject="NC–004101")], "follow_up", of="NC-004101")
edge("ref with hash", [it(NEWS, subject="case #NC-004101:")], "follow_up", of="NC-004101")
edge("ref zero missing", [it("The scanner is not working, error 5.", subject="NC-4101")], "new_case")
edge("encoded subject", [it(NEWS, subject="Re: [NC-004101] Änderung – größer")], "follow_up", of="NC-004101")
edge(
    "2 refs both other's: internal",
    [it("Any news?", sender=PLANNER, subject="NC-004101 NC-004118")],
    "hold",
    "not_a_participant",
)
edge(
    "external on case? requester ext",
    [
        sent(
            "Our invoice GT-7 for PO118204 over £20.00 is overdue.",
            sender=SUPPLIER,
            to=FINANCE,
            subject="Invoice GT-7",
        ),
        sent(
            "Any news on this?", sender=SUPPLIER, to=FINANCE, subject="Re: [NC-005000] Received", minutes=90
        ),
    ],
    "follow_up",
    of="NC-005000",
)
edge(
    "external colleague of requester by thread",
    [
        sent(
            "Our invoice GT-7 for PO118204 over £20.00 is overdue.",
            sender=SUPPLIER,
            to=FINANCE,
            subject="Invoice GT-7",
            message_id="<gt7@g>",
        ),
        sent(
            "Adding the copy.",
            sender="Other <other@greenway-tools.example>",
            to=FINANCE,
            subject="Re: Invoice GT-7",
            minutes=90,
            in_reply_to="<gt7@g>",
        ),
    ],
    "follow_up",
    of="NC-005000",
)
