"""Mails that no person wrote, mails to many, and mails of strangers and cheats (MAIL-3, MAIL-4, MAIL-7)."""

# ruff: noqa: E501 - mails stand as they would be written

from tests.unit.second_set.scene import MONDAY, Scene, Sent, sent
from tests.unit.second_set.threads import DOCK, EDITOR, FIRST, HOUSING, IT, OURS, STRANGER, it

SUPPLIER = "Greenway Tools <accounts@greenway-tools.example>"
FINANCE = "finance.help@northgate.example"


def away(
    name: str, subject: str, text: str, sender: str = EDITOR, headers: bool = False, answers: str = DOCK
) -> Scene:
    extra = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"} if headers else {}
    mail = sent(text, sender=sender, to=IT, subject=subject, in_reply_to=answers, extra=extra, internal=None)
    return Scene("absence", name, [mail], "ignore", "auto_reply")


ENGLISH = "I am out of the office until Monday 23 February with no access to email. For anything urgent please contact the team inbox."
GERMAN = "Vielen Dank für Ihre Nachricht. Ich bin bis zum 23.02.2026 nicht im Büro. In dringenden Fällen wenden Sie sich bitte an meine Vertretung."
FRENCH = "Bonjour,\n\nJe suis absente jusqu'au 23 février. En cas d'urgence, merci de contacter l'accueil.\n\nCordialement"
POLISH = "Dzień dobry,\n\nJestem na urlopie do 23 lutego. W pilnych sprawach proszę o kontakt z biurem."
ABSENCE = [
    away("english with headers", "Automatic reply: [NC-004118] Replacement dock", ENGLISH, headers=True),
    away("english without headers", "Automatic reply: [NC-004118] Replacement dock", ENGLISH),
    away("english under re", "Re: [NC-004118] Replacement dock", ENGLISH, headers=True),
    away("english, out of office title", "Out of Office: [NC-004118] Replacement dock", ENGLISH),
    away("german with headers", "Automatische Antwort: [NC-004118] Replacement dock", GERMAN, headers=True),
    away("german without headers", "Abwesenheitsnotiz: [NC-004118] Replacement dock", GERMAN),
    away("french with headers", "Réponse automatique : [NC-004118] Replacement dock", FRENCH, headers=True),
    away("french without headers", "Réponse automatique : [NC-004118] Replacement dock", FRENCH),
    away("polish with headers", "Odpowiedź automatyczna: [NC-004118] Replacement dock", POLISH, headers=True),
    away("polish without headers", "Odpowiedź automatyczna: [NC-004118] Replacement dock", POLISH),
    away("of a supplier, words alone", "Re: your invoice", "Thank you for your email. I am currently on annual leave and will be back on 24 February. In my absence please email orders@greenway-tools.example.", SUPPLIER, answers="<x@y.test>"),
    away("an acknowledgement of a stranger", "Ticket received [#88123]", "Thank you for contacting Vendor Support. We have received your request and someone will be in touch. Please do not reply to this email.", "Vendor Support <support@vendor.test>", headers=True, answers="<x@y.test>"),
    away("an acknowledgement by words alone", "We got your message", "Thank you for contacting Vendor Support. Your request has been received and one of our team will respond within two days. This is an automated message.", "Vendor Support <support@vendor.test>", answers="<x@y.test>"),
    Scene("absence", "x-autoreply", [it("Back on Thursday.", sender=EDITOR, subject="Re: dock", in_reply_to=DOCK, extra={"X-Autoreply": "yes"})], "ignore", "auto_reply"),
    Scene("absence", "a person who asks for leave", [sent("I would like to be on annual leave in June. Can I carry over five days of my annual leave entitlement?", sender=EDITOR, to="hr@northgate.example", subject="Annual leave policy")], "new_case"),
    Scene("absence", "a person who is away but asks", [it("I'm on leave from Friday. Could you fix it before then?", in_reply_to=OURS)], "follow_up", of="NC-004101"),
]  # fmt: skip


def raw(text: str, mailbox: str = IT) -> Sent:
    return Sent(text.strip().replace("\n", "\r\n").encode(), mailbox, MONDAY)


def report(
    kind: str,
    status: str,
    about: str,
    *,
    action: str = "failed",
    subject: str,
    returned: str = "",
    to: str = "housing.officer12@northgate.example",
    sender: str = "postmaster@northgate.example",
) -> Sent:
    """A standard report (RFC 3464), with the headers of the mail that it is about or without them."""
    original = (
        f"--b1\nContent-Type: {returned}\n\nFrom: it.help@northgate.example\nTo: {to}\nSubject: about\nMessage-ID: {about}\n\n"
        if returned
        else ""
    )
    threaded = f"In-Reply-To: {about}\nReferences: {about}\n" if kind == "exchange" else ""
    return raw(f"""Return-Path: <>
From: Mail Delivery <{sender}>
To: it.help@northgate.example
Subject: {subject}
Date: Mon, 16 Feb 2026 10:00:00 +0000
Message-ID: <{abs(hash((kind, status, about, action, subject, returned)))}@mx1.northgate.example>
{threaded}Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system. Your message could not be delivered to {to}.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.northgate.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}

{original}--b1--
""")


GMAIL_BOUNCE = f"""Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: it.help@northgate.example
Subject: Delivery Status Notification (Failure)
Date: Mon, 16 Feb 2026 10:00:00 +0000
Message-ID: <gmail-bounce@mx.google.example>
X-Failed-Recipients: housing.officer12@northgate.example
In-Reply-To: {OURS}
References: {OURS}
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

** Address not found **

Your message wasn't delivered because the address couldn't be found.
550 5.1.1 The email account that you tried to reach does not exist.
"""
RECEIPT = f"""Return-Path: <>
From: Communications Editor <comms.editor@northgate.example>
To: it.help@northgate.example
Subject: Read: [NC-004118] Replacement dock
Date: Mon, 16 Feb 2026 10:00:00 +0000
Message-ID: <rcpt-1@northgate.example>
In-Reply-To: {DOCK}
X-MS-Exchange-Organization-AuthAs: Internal
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

Your message was read on Monday.

--b1
Content-Type: message/disposition-notification

Final-Recipient: rfc822; comms.editor@northgate.example
Original-Message-ID: {DOCK}
Disposition: manual-action/MDN-sent-automatically; displayed

--b1--
"""
FOREIGN_RECEIPT = RECEIPT.replace("Read:", "Gelesen:").replace(
    "Your message was read on Monday.", "Ihre Nachricht wurde gelesen."
)
DELIVERED = report(
    "exchange",
    "2.0.0",
    DOCK,
    action="delivered",
    subject="Delivered: [NC-004118] Replacement dock",
    to="comms.editor@northgate.example",
)
_GONE = "5.1.1"
REPORTS = [
    Scene("reports", "exchange bounce", [report("exchange", _GONE, OURS, subject="Undeliverable: [NC-004101] Housing system", returned="message/rfc822")], "delivery_failure", of="NC-004101"),
    Scene("reports", "exchange bounce without the original", [report("exchange", "5.2.2", OURS, subject="Undeliverable: [NC-004101] Housing system")], "delivery_failure", of="NC-004101"),
    Scene("reports", "postfix bounce", [report("postfix", _GONE, OURS, subject="Undelivered Mail Returned to Sender", returned="message/rfc822", sender="MAILER-DAEMON@mx1.northgate.example")], "delivery_failure", of="NC-004101"),
    Scene("reports", "postfix bounce with headers only", [report("postfix", _GONE, OURS, subject="Undelivered Mail Returned to Sender", returned="text/rfc822-headers", sender="MAILER-DAEMON@mx1.northgate.example")], "delivery_failure", of="NC-004101"),
    Scene("reports", "postfix bounce without the original", [report("postfix", _GONE, OURS, subject="Undelivered Mail Returned to Sender", sender="MAILER-DAEMON@mx1.northgate.example")], "ignore", "auto_reply"),
    Scene("reports", "gmail bounce", [raw(GMAIL_BOUNCE)], "delivery_failure", of="NC-004101"),
    Scene("reports", "gmail bounce of nothing known", [raw(GMAIL_BOUNCE.replace(OURS, "<other@x.test>"))], "ignore", "auto_reply"),
    Scene("reports", "bounce of nothing known", [report("exchange", _GONE, "<spam@x.test>", subject="Undeliverable: Buy now", returned="message/rfc822")], "ignore", "auto_reply"),
    Scene("reports", "bounce of a closed case", [report("exchange", _GONE, DOCK, subject="Undeliverable: [NC-004118] dock", returned="message/rfc822", to="comms.editor@northgate.example")], "delivery_failure", of="NC-004118"),
    Scene("reports", "delay", [report("exchange", "4.4.7", OURS, action="delayed", subject="Delivery delayed: [NC-004101] Housing system", returned="message/rfc822")], "ignore", "delay_notice"),
    Scene("reports", "delay of postfix", [report("postfix", "4.4.1", OURS, action="delayed", subject="Delayed Mail (still being retried)", returned="text/rfc822-headers", sender="MAILER-DAEMON@mx1.northgate.example")], "ignore", "delay_notice"),
    Scene("reports", "delay of nothing known", [report("postfix", "4.4.1", "<q@x.test>", action="delayed", subject="Warning: message delayed")], "ignore", "delay_notice"),
    Scene("reports", "read receipt", [raw(RECEIPT)], "ignore", "receipt"),
    Scene("reports", "german read receipt", [raw(FOREIGN_RECEIPT)], "ignore", "receipt"),
    Scene("reports", "delivery receipt", [DELIVERED], "ignore", "receipt"),
    Scene("reports", "read receipt without a report", [it("Your message\n\nTo: IT Help\nSubject: dock\nSent: Monday\n\nwas read on 16 February 2026 10:00.", sender=EDITOR, subject="Read: [NC-004118] dock", in_reply_to=DOCK)], "ignore", "receipt"),
]  # fmt: skip


def calendar(method: str, subject: str, kind: str = "text/calendar") -> Sent:
    return raw(f"""From: {EDITOR}
To: it.help@northgate.example
Subject: {subject}
Date: Mon, 16 Feb 2026 10:00:00 +0000
Message-ID: <cal-{method}@northgate.example>
X-MS-Exchange-Organization-AuthAs: Internal
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

Let us meet about the dock.

--b1
Content-Type: {kind}; method={method}; charset=utf-8

BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VEVENT
UID:1
SUMMARY:dock
END:VEVENT
END:VCALENDAR
--b1--
""")


CALENDAR = [
    Scene("calendar", "invitation", [calendar("REQUEST", "Dock")], "ignore", "calendar"),
    Scene("calendar", "accepted", [calendar("REPLY", "Accepted: [NC-004118] Dock")], "ignore", "calendar"),
    Scene("calendar", "cancelled", [calendar("CANCEL", "Canceled: Dock")], "ignore", "calendar"),
    Scene("calendar", "counter", [calendar("COUNTER", "New Time Proposed: Dock")], "ignore", "calendar"),
]  # fmt: skip

NEWS = "Welcome to the February issue. Ten ways to cut your printing bill, a webinar on 3 March and our new catalogue. Order now and save 20%."
LIST = {
    "List-Unsubscribe": "<https://news.vendor.test/u/1>",
    "List-Id": "<news.vendor.test>",
    "Precedence": "bulk",
}
STAFF = {"List-Id": "All staff <all-staff.northgate.example>", "Precedence": "list"}
LISTS = [
    Scene("lists", "newsletter", [sent(NEWS, sender="Vendor News <news@vendor.test>", to="procurement@northgate.example", subject="Save on purchase orders", extra=LIST)], "ignore", "mailing_list"),
    Scene("lists", "newsletter with one header", [sent(NEWS, sender="Vendor News <news@vendor.test>", to="procurement@northgate.example", subject="February deals", extra={"List-Unsubscribe": "<mailto:u@vendor.test>"})], "ignore", "mailing_list"),
    Scene("lists", "newsletter without headers", [sent(NEWS + "\n\nTo unsubscribe click here: https://news.vendor.test/u/1", sender="Vendor News <news@vendor.test>", to="procurement@northgate.example", subject="February deals")], "ignore", "mailing_list"),
    Scene("lists", "newsletter about invoices", [sent("Automate your invoice queries! Our invoice robot reads any invoice.", sender="Robot <hello@robot.test>", to=FINANCE, subject="Your invoices, faster", extra=LIST)], "ignore", "mailing_list"),
    Scene("lists", "staff list", [sent("The canteen at the Town Hall is closed on Friday. The lift stays open. Please use the Civic Centre instead.", sender=EDITOR, to="all-staff@northgate.example", mailbox="facilities@northgate.example", subject="Canteen closed", extra=STAFF)], "ignore", "mailing_list"),
    Scene("lists", "a colleague asks the desk through a list system", [it("My laptop is broken and shows an error. Can you swap it today?", subject="Broken laptop", extra={"Precedence": "bulk"})], "new_case"),
    Scene("lists", "a supplier's invoice through a bulk system", [sent("Please find attached our invoice 20931 against PO118204 for £864.00.", sender=SUPPLIER, to=FINANCE, subject="Invoice 20931", extra={"Precedence": "bulk"}, files=[("inv.pdf", "application/pdf", b"%PDF")])], "new_case", type="fin.invoice_query"),
]  # fmt: skip

ALARM = "Site: Riverside Depot\nRoom: boiler house\nFault: pressure below 1.0 bar\nHazard: no\nImpact: depot showers cold"
MACHINES = [
    Scene("machines", "trusted alarm", [sent(ALARM, sender="BMS <bms-alerts@northgate.example>", to="facilities@northgate.example", subject="ALARM boiler", program="machine", extra={"Auto-Submitted": "auto-generated"})], "new_case", type="fac.repair"),
    Scene("machines", "trusted alarm in prose at another desk", [it("Job nightly-07 failed with code 5.", sender="Backup <backup-monitor@northgate.example>", subject="[FAILED] nightly-07", program="machine", extra={"Auto-Submitted": "auto-generated", "Precedence": "bulk"})], "new_case", type="it.incident"),
    Scene("machines", "untrusted machine of ours", [it("Disk usage on srv-14 is 91%.", sender="Monitor <monitor@northgate.example>", subject="WARNING srv-14", program="machine", extra={"Auto-Submitted": "auto-generated"})], "ignore", "auto_reply"),
    Scene("machines", "untrusted machine outside", [it("Your build passed.", sender="CI <noreply@ci.test>", subject="Build 881", program="machine", extra={"Auto-Submitted": "auto-generated"})], "ignore", "auto_reply"),
    Scene("machines", "forged trusted machine", [sent(ALARM, sender="BMS <bms-alerts@northgate.example>", to="facilities@northgate.example", subject="ALARM boiler", program="machine", internal=False, check="fail", extra={"Auto-Submitted": "auto-generated"})], "hold", "phishing"),
    Scene("machines", "our confirmation comes back", [it("Thank you. This is logged as NC-004101.", sender="IT Help <it.help@northgate.example>", subject="[NC-004101] Housing system", message_id="<nc-004101.aaaabbbbccccddddeeeeffff@cases.northgate.example>")], "ignore", "no_request"),
    Scene("machines", "our confirmation at another desk", [sent("Thank you. This is logged as NC-004101.", sender="IT Help <it.help@northgate.example>", to="hr@northgate.example", subject="[NC-004101] Housing system", message_id="<nc-004101.aaaabbbbccccddddeeeeffff@cases.northgate.example>", answers=[FIRST])], "ignore", "no_request"),
    Scene("machines", "our confirmation without its id", [sent("Thank you. This is logged as NC-004101.", sender="IT Help <it.help@northgate.example>", to="hr@northgate.example", subject="[NC-004101] Housing system", answers=[OURS], in_reply_to=OURS)], "ignore", "no_request"),
]  # fmt: skip

PAY = "Are you free? I need a supplier payment made today. Keep this between us."
CHIEF = "Chief Executive"
LOGIN = "Your mailbox password expires today. Confirm your account here: https://login.example.test/x"


def cheat(
    name: str,
    sender: str,
    text: str = PAY,
    subject: str = "Quick question",
    to: str = FINANCE,
    **more: object,
) -> Scene:
    return Scene(
        "cheats", name, [sent(text, sender=sender, to=to, subject=subject, **more)], "hold", "phishing"
    )


CHEATS = [
    cheat("our domain, all checks fail", f"{CHIEF} <chief.executive@northgate.example>", internal=False, check="fail"),
    cheat("our domain, no proof at all", f"{HOUSING}", "My laptop is broken.", internal=False, check="none"),
    cheat("a domain below a test domain", "IT <helpdesk@northgate.example.test>", LOGIN, "Password"),
    cheat("a zero for an o", "Finance Manager <finance.manager@n0rthgate.example>"),
    cheat("our name with a word", "HR <hr@northgate-council.example>", "Please open the new holiday form."),
    cheat("two letters for one", "IT <it@northgat3.example>", "Please call me."),
    cheat("our name under another ending", "IT <it@northgate.test>", "Please call me."),
    cheat("cyrillic letters", "IT <it@xn--nrthgate-nbh.example>", "Please call me."),
    cheat("our name glued to a word", "IT <it@northgatehelpdesk.example>", "Please call me."),
    cheat("our whole name as a domain", "IT <it@northgatecouncil.test>", "Please call me."),
    cheat("replies go to a look-alike", SUPPLIER, "Please send the remittance.", "Invoice", extra={"Reply-To": "accounts@greenway-t00ls.example"}),
    cheat("replies go elsewhere with bait", SUPPLIER, "Our new bank details are attached, please use the new account number.", "Bank", extra={"Reply-To": "acc@quickpost.test"}),
    cheat("our domain with replies elsewhere", f"{CHIEF} <chief.executive@northgate.example>", internal=False, check="none", extra={"Reply-To": "ceo@quickpost.test"}),
    cheat("the name of a chief outside", "Head of Finance <ceo1970@mailbox.test>"),
    cheat("our address as a name", '"finance.manager@northgate.example" <x81@mailbox.test>', "Please call me."),
    cheat("its own domain disowns it", SUPPLIER, "Invoice attached.", "Invoice 1", check="fail"),
    cheat("password bait of a stranger", "Mail Admin <admin@mailbox.test>", LOGIN, "Password", IT),
    cheat("our reference from our domain unproven", HOUSING, "Send me the list.", "[NC-004101] list", IT, internal=False, check="fail"),
]  # fmt: skip

DPO = "dpo@northgate.example"
OUTSIDE = [
    Scene("outside", "stranger at the help desk", [it("My tablet does not connect.", sender="Somebody <s.body@mailbox.test>", subject="Tablet")], "hold", "unknown_sender"),
    Scene("outside", "supplier with our town in its name", [sent("Our invoice GT-1 for PO118204 over £20.00 is not paid.", sender="Northgate Joinery <accounts@northgate-joinery.example>", to=FINANCE, subject="Invoice GT-1")], "new_case", type="fin.invoice_query"),
    Scene("outside", "stranger at hr", [sent("I would like to apply for a job.", sender="Somebody <s.body@mailbox.test>", to="hr@northgate.example", subject="Job")], "hold", "unknown_sender"),
    Scene("outside", "stranger at the front door", [sent("When is the office open?", sender="Somebody <s.body@mailbox.test>", to="servicedesk@northgate.example", subject="Hours")], "hold", "unknown_sender"),
    Scene("outside", "stranger with labels of another type", [it("Item: laptop\nQuantity: 2\nDelivery: my house\nCost centre: HS3000", sender="Somebody <s.body@mailbox.test>", subject="Laptop")], "hold", "unknown_sender"),
    Scene("outside", "supplier at finance", [sent("Our invoice GT-1 for PO118204 over £20.00 is not paid.", sender=SUPPLIER, to=FINANCE, subject="Invoice GT-1")], "new_case", type="fin.invoice_query"),
    Scene("outside", "supplier at procurement", [sent("Please add us as a new supplier. Our company number is 07654321 and the supplier form is attached.", sender=SUPPLIER, to="procurement@northgate.example", subject="New supplier form", files=[("form.pdf", "application/pdf", b"%PDF")])], "new_case", type="fin.supplier_setup"),
    Scene("outside", "supplier's contract at legal", [sent("Please find our draft agreement for your review.", sender=SUPPLIER, to="legal@northgate.example", subject="Draft agreement", files=[("draft.docx", "application/octet-stream", b"PK")])], "new_case", type="leg.contract_review"),
    Scene("outside", "resident at information rights", [sent("Please send me a copy of everything you hold about me. I live in Mill Lane.", sender="B Resident <b.resident@mailbox.test>", to=DPO, subject="My data")], "new_case", type="leg.data_protection"),
    Scene("outside", "colleague's private address at information rights", [sent("Please send me a copy of everything you hold about me.", sender="Parks Ranger 5 <p.ranger@mailbox.test>", to=DPO, subject="My data")], "hold", "unknown_sender"),
    Scene("outside", "softfail but signed", [sent("Our invoice GT-1 for PO118204 over £20.00 is not paid.", sender=SUPPLIER, to=FINANCE, subject="Invoice GT-1", check="dkim only")], "new_case", type="fin.invoice_query"),
    Scene("outside", "no checks at all", [sent("Our invoice GT-1 for PO118204 over £20.00 is not paid.", sender=SUPPLIER, to=FINANCE, subject="Invoice GT-1", check="none")], "new_case", type="fin.invoice_query"),
    Scene("outside", "stranger answers a known message", [it("The patch is out.", sender=STRANGER, subject="Re: x", in_reply_to=OURS)], "follow_up", of="NC-004101"),
]  # fmt: skip
