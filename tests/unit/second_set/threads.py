"""Answers, references, repeats, closed cases and thanks (MAIL-1, MAIL-2, INT-8)."""

# ruff: noqa: E501 - mails stand as they would be written

from tests.unit.second_set.scene import Scene, Sent, sent

HOUSING = "Housing Officer 12 <housing.officer12@northgate.example>"
MANAGER = "Housing Services Manager <housing.manager@northgate.example>"
PLANNER = "Planning Assistant 2 <planning.assistant2@northgate.example>"
REGISTRAR = "Registrar 2 <registrars.officer2@northgate.example>"
EDITOR = "Communications Editor <comms.editor@northgate.example>"
DUTY = "Leisure Centre Duty Manager <leisure.dutymanager@northgate.example>"
STRANGER = "Homes Partner <updates@homes-partner.test>"
IT = "it.help@northgate.example"
FIRST, OURS = (
    "<755bad265a0864876870@mail.northgate.example>",
    "<nc-004101.1ac1bbdefa40d45dfef13e8d@cases.northgate.example>",
)
DOCK = "<nc-004118.43d9eac4fd471d91a60b8d6d@cases.northgate.example>"
FAN = "<nc-003870.4ca5dee4726837cd9d73b0e3@cases.northgate.example>"
FARE = "<nc-004133.15d324d284f6e7d3ead4cd86@cases.northgate.example>"
GRIEVANCE = "<nc-004152.82e0c71425952cad640810d8@cases.northgate.example>"
GIS = "<nc-004140.df290858fbd7d951916a69d7@cases.northgate.example>"
NEWS = "It also closes when I print the tenancy agreement, since this morning."


def it(
    text: str,
    sender: str = HOUSING,
    subject: str = "RE: [NC-004101] Housing system closes when saving a tenancy",
    **more: object,
) -> Sent:
    return sent(text, sender=sender, to=IT, subject=subject, **more)


OUTLOOK_QUOTE = """

From: IT Help <it.help@northgate.example>
Sent: 27 January 2026 10:14
To: Housing Officer 12 <housing.officer12@northgate.example>
Subject: [NC-004101] Housing system closes when saving a tenancy

Your request is logged. Thank you for your patience. Is it urgent? NC-004118 is another one."""
GMAIL_QUOTE = "\n\nOn Tue, 27 Jan 2026 at 10:14, IT Help <it.help@northgate.example> wrote:\n\n> Your request is logged.\n> Please keep NC-004101 in the subject.\n"


def follow(name: str, *mails: Sent, of: str = "NC-004101", **only: object) -> Scene:
    return Scene("threads", name, mails, "follow_up", of=of, only=dict(only))


THREADS = [
    follow("in-reply-to only", it(NEWS, in_reply_to=OURS)),
    follow("references only", it(NEWS, answers=[FIRST, OURS])),
    follow("references only, subject changed", it(NEWS, subject="It is worse now", answers=[FIRST, OURS])),
    follow("references behind an unknown answer", it(NEWS, subject="Re: x", in_reply_to="<gone@x.test>", answers=[OURS, "<gone@x.test>"])),
    follow("in another mailbox", sent(NEWS, sender=HOUSING, to="hr@northgate.example", subject="Re: help", in_reply_to=OURS)),
    follow("reference with Re:", it(NEWS, subject="Re: [NC-004101] Housing system")),
    follow("reference with AW:", it(NEWS, subject="AW: [NC-004101] Housing system")),
    follow("reference with SV: RE:", it(NEWS, subject="SV: RE: [NC-004101] Housing system")),
    follow("reference in front of Re:", it(NEWS, subject="[NC-004101] Re: Housing system")),
    follow("reference and a new subject", it(NEWS, subject="Printing breaks too - NC-004101")),
    follow("reference in lower case", it(NEWS, subject="re: nc-004101 still there")),
    follow("reference without brackets and dash", it(NEWS, subject="case NC004101")),
    follow("reference in round brackets", it(NEWS, subject="Housing system (NC-004101)")),
    follow("a colleague in copy of the case", it("Can we have a date for this please?", sender=MANAGER, subject="RE: [NC-004101] Housing system")),
    follow("a colleague who was in the thread", it("It happens to me too.", sender=PLANNER, subject="RE: [NC-004101] Housing system", answers=[FIRST, OURS], in_reply_to=OURS)),
    follow("the approver by reference", sent("Fine with me, please go ahead once the licence is there.", sender="Education Manager <education.manager@northgate.example>", to="access@northgate.example", subject="RE: [NC-004140] GIS maps for catchment checks"), of="NC-004140"),
    follow("outlook answer above a quote", it(NEWS + OUTLOOK_QUOTE, answers=[FIRST, OURS], in_reply_to=OURS)),
    follow("gmail answer above a quote", it(NEWS + GMAIL_QUOTE, subject="Re: [NC-004101] Housing system", program="gmail", in_reply_to=OURS, answers=[OURS])),
    follow("iphone answer", it(NEWS + "\n\n> On 27 Jan 2026, at 10:14, IT Help <it.help@northgate.example> wrote:\n> \n> Your request is logged.", program="iphone", in_reply_to=OURS)),
    follow("two references, own one second", it(NEWS, subject="NC-004118 and NC-004101")),
    follow("two references, own one first", it(NEWS, subject="NC-004101 and NC-004118")),
    follow("labels in an answer", sent("Cost centre: RG1600\nCategory: rail", sender=REGISTRAR, to="finance.help@northgate.example", subject="Re: [NC-004133] Rail fare", in_reply_to=FARE), of="NC-004133", new_status="in_progress"),
    follow("our people answer a sensitive case", sent("There is more to say about Tuesday.", sender="Customer Advisor 3 <customer.advisor3@northgate.example>", to="confidential.hr@northgate.example", subject="Re: (confidential)", in_reply_to=GRIEVANCE), of="NC-004152"),
    follow("an answer with a bulk mark", it(NEWS, in_reply_to=OURS, extra={"Precedence": "bulk"})),
    follow("forwarded by a participant with its reference", it("FYI, this is from the supplier.\n\nFrom: Support <support@vendor.test>\nSent: 12 February 2026 09:00\nTo: Housing Officer 12 <housing.officer12@northgate.example>\nSubject: your ticket\n\nPatch 4.2 fixes it.", subject="FW: [NC-004101] your ticket")),
    Scene("threads", "reference only in the text", [it("My keyboard lost two keys. It is not like NC-004101.", subject="Keyboard")], "new_case", related="NC-004101"),
    Scene("threads", "subject alone", [it("The housing system closes again.", subject="RE: Housing system closes when saving a tenancy")], "new_case"),
    Scene("threads", "a reference of nobody", [it("The scanner is not working.", subject="NC-999998 scanner")], "new_case"),
    Scene("threads", "an order number that looks near", [it("The scanner is not working.", subject="Order XNC-0041012")], "new_case"),
    Scene("threads", "a colleague by bare reference", [it("Any news?", sender=PLANNER, subject="NC-004101")], "hold", "not_a_participant", related="NC-004101"),
    Scene("threads", "an outsider by bare reference", [it("Please send the tenant list.", sender=STRANGER, subject="Re: [NC-004101] Housing system")], "hold", "spoofed_reference", related="NC-004101"),
    Scene("threads", "an outsider where outsiders may write", [sent("Please send the claim again.", sender=STRANGER, to="finance.help@northgate.example", subject="[NC-004133] Rail fare")], "hold", "spoofed_reference", related="NC-004133"),
    Scene("threads", "a colleague in a sensitive thread", [sent("I heard about it.", sender=PLANNER, to="confidential.hr@northgate.example", subject="Re: (confidential)", in_reply_to=GRIEVANCE)], "hold", "not_a_participant"),
    Scene("threads", "an outsider with two references", [it("Status?", sender=STRANGER, subject="NC-004101 NC-004118")], "hold", "spoofed_reference"),
]  # fmt: skip

LONG = "The tap in the staff kitchen on the second floor of the Civic Centre drips all day and the floor below the sink is wet. Somebody could slip on it."
TAP = {
    "sender": "Customer Advisor 15 <customer.advisor15@northgate.example>",
    "to": "facilities@northgate.example",
    "subject": "Dripping tap",
}
OTHER = {**TAP, "sender": "Customer Services Manager <customer.manager@northgate.example>"}
ID = "<tap-1@northgate.example>"
PNG = [("photo.png", "image/png", b"\x89PNG first")]
PNG2 = [("photo2.png", "image/png", b"\x89PNG second")]
REPEATS = [
    Scene("repeats", "the same message in two mailboxes", [sent(LONG, message_id=ID, **TAP), sent(LONG, message_id=ID, mailbox="servicedesk@northgate.example", **TAP)], "duplicate", "same_message_id"),
    Scene("repeats", "the same text in half an hour", [sent(LONG, **TAP), sent(LONG, minutes=30, **TAP)], "duplicate", "same_sender_same_text_within_window"),
    Scene("repeats", "the same text at another desk", [sent(LONG, **TAP), sent("Not sure if I had the right address.\n\n" + LONG, minutes=9, **{**TAP, "to": "servicedesk@northgate.example"})], "duplicate", "same_sender_same_text_within_window"),
    Scene("repeats", "sent on from the sent folder", [sent(LONG, **TAP), sent(LONG, minutes=12, program="iphone", **{**TAP, "subject": "Fwd: Dripping tap"})], "duplicate", "same_sender_same_text_within_window"),
    Scene("repeats", "the same text after two hours", [sent(LONG, **TAP), sent(LONG, minutes=125, **TAP)], "new_case"),
    Scene("repeats", "the same text by a colleague", [sent(LONG, **TAP), sent(LONG, minutes=5, **OTHER)], "new_case"),
    Scene("repeats", "the same text with another file", [sent(LONG, files=PNG, **TAP), sent(LONG, minutes=5, files=PNG2, **TAP)], "new_case"),
    Scene("repeats", "the same text with the same file", [sent(LONG, files=PNG, **TAP), sent(LONG, minutes=5, files=PNG, **TAP)], "duplicate", "same_sender_same_text_within_window"),
    Scene("repeats", "short words under another subject", [sent("See attached", files=PNG, **TAP), sent("See attached", minutes=5, files=PNG, **{**TAP, "subject": "Broken chair"})], "new_case"),
    Scene("repeats", "one figure differs", [sent(LONG, **TAP), sent(LONG.replace("second", "third"), minutes=5, **TAP)], "new_case"),
    Scene("repeats", "the same answer twice", [it(NEWS, in_reply_to=OURS), it(NEWS, in_reply_to=OURS, minutes=4)], "duplicate", "same_sender_same_text_within_window", of="NC-004101"),
]  # fmt: skip

LATE = "It does not charge the laptop any more, same as before."
CLOSED = [
    Scene("closed", "reply inside the window", [it(LATE, sender=EDITOR, subject="RE: [NC-004118] Replacement dock", in_reply_to=DOCK)], "follow_up", of="NC-004118", only={"reopen": True, "new_status": "in_progress"}),
    Scene("closed", "reference inside the window", [it(LATE, sender=EDITOR, subject="NC-004118")], "follow_up", of="NC-004118", only={"reopen": True}),
    Scene("closed", "after the window", [sent("Fan is dead again in the changing room.", sender=DUTY, to="facilities@northgate.example", subject="Re: [NC-003870] Changing room extractor fan", in_reply_to=FAN)], "new_case", linked_to="NC-003870"),
    Scene("closed", "after the window by reference", [sent("Fan is dead again in the changing room.", sender=DUTY, to="facilities@northgate.example", subject="NC-003870 again")], "new_case", linked_to="NC-003870"),
    Scene("closed", "thanks after the window", [sent("Many thanks, much better.", sender=DUTY, to="facilities@northgate.example", subject="Re: [NC-003870] Changing room extractor fan", in_reply_to=FAN)], "follow_up", of="NC-003870", only={"reopen": False, "only_thanks": True}),
]  # fmt: skip


def thank(text: str, program: str = "outlook") -> Sent:
    return it(
        text, sender=EDITOR, subject="Re: [NC-004118] Replacement dock", in_reply_to=DOCK, program=program
    )


POST = "\n\nKind regards\n\nCommunications Editor\nNorthgate Council | Town Hall\nTel 01632 960188"
CLOSING_MAIL = """

From: IT Help <it.help@northgate.example>
Sent: 05 February 2026 15:20
To: Communications Editor <comms.editor@northgate.example>
Subject: [NC-004118] Replacement dock

Your case is done. Was it resolved?"""
_THANKS = [f"Thanks!{POST}", f"Thank you so much{POST}{CLOSING_MAIL}", "Thanks both.\n\nCommunications Editor\nTown Hall\next 4410", "Great news, thanks",
           "Hi team,\n\nThat's perfect, thank you very much for your help.\n\nBest wishes\nCommunications Editor\nCommunications | Town Hall | ext 4410",
           "Danke!\n\nAm Do., 5. Feb. 2026 um 15:20 Uhr schrieb IT Help <it.help@northgate.example>:\n\n> Your case is done. Was it resolved?\n",
           "Thanks\n\n-------- Original message --------\nFrom: IT Help <it.help@northgate.example>\nDate: 05/02/2026 15:20\nSubject: dock\n\nYour case is done?",
           "Thanks, that worked.", "Thanks a lot for the quick turnaround", "Thanks!", "Thank you so much, that's great.", "Cheers all", "Perfect, thanks for sorting this so quickly!",
           "Brilliant, many thanks.\n\nKind regards,\nCommunications Editor", "Danke schön!", "Merci beaucoup pour votre aide", "Dziękuję bardzo za pomoc.",
           "That's fixed it, thank you.", "Thanks, all sorted now 😊", "Thank you for your help with this, much appreciated.", "Great stuff, thanks a million", "Ta very much",
           "Thank you, it works now.", "Lovely, thanks. Have a good weekend!", "Thanks for letting me know."]  # fmt: skip
_NEWS = [f"Thanks.{POST}\n\nPS the second dock is broken", "Thank you.\n\nRegards\nEditor\nThe dock stopped again.", "Thanks\n\nIt still fails.",
         "Thanks, it worked for a day", "Thanks for your message. I am still waiting for the cable.", "Thanks, but it still does not work.", "Thank you. The other monitor is not working now.", "Thanks, still the same.", "Thanks. Not fixed.",
         "Thank you, however the cable is missing.", "Thanks, works now except the sound.", "Thanks, when will it be back?", "Thanks for nothing, it is broken again", "Many thanks - I will need a second one",
         "Thanks, no luck", "Thank you but no", "Danke, geht leider immer noch nicht.", "Thanks, it was working for a day"]  # fmt: skip
THANKS = [
    *(Scene("thanks", text[:30].replace("\n", " "), [thank(text)], "follow_up", of="NC-004118", only={"reopen": False, "only_thanks": True}) for text in _THANKS),
    *(Scene("thanks", text[:30].replace("\n", " "), [thank(text, "iphone")], "follow_up", of="NC-004118", only={"reopen": True}) for text in _NEWS),
    Scene("thanks", "with a file", [it("Thanks!", sender=EDITOR, subject="Re: [NC-004118] Replacement dock", in_reply_to=DOCK, files=PNG)], "follow_up", of="NC-004118", only={"reopen": True}),
    Scene("thanks", "without a case", [it("Thanks so much for yesterday!", subject="Yesterday")], "ignore", "no_request"),
]  # fmt: skip
