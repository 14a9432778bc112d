"""Mails about mails: our own come back, calendar items, bounces, receipts (MAIL-3, MAIL-4; graph.md 3.5)."""

import re

from rules.conversation import phrases
from rules.conversation.matching import case_by_message, references_in
from rules.conversation.scene import Scene
from rules.text import bare_subject, folded
from schemas.mail import AttachmentKind, MailMessage
from schemas.thread import CaseSummary, Reason, Verdict

_ROBOT = re.compile(r"^(?:postmaster|mailer-daemon|mailerdaemon|mail-daemon|microsoftexchange[0-9a-f]*)@")
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def own_mail(scene: Scene) -> Verdict | None:
    """Our own mail came back: by our stamp, our kind of Message-ID, or this very mailbox as sender."""
    mail = scene.mail
    form = scene.catalogue.organisation.case_reference
    made_here = re.match(
        rf"<{re.escape(form.prefix)}-\d{{{form.digits}}}\.[0-9a-f]{{16,64}}@",
        mail.internet_message_id or "",
        re.IGNORECASE,
    )
    ours = mail.stamp is not None or made_here is not None or mail.sender.address == mail.mailbox
    from_desk = mail.sender.address in scene.desk_addresses and scene.match.by_message_id
    return _ignore(scene, "no_request") if ours or from_desk else None


def calendar_item(scene: Scene) -> Verdict | None:
    """An invitation, its change or its answer. A calendar file attached to a mail is not one."""
    mail = scene.mail
    by_class = "calendarmessage" in (mail.header("content-class") or "").lower()
    if by_class or mail.content_type == "text/calendar":
        return _ignore(scene, "calendar")
    attached = any(each.kind is AttachmentKind.CALENDAR and not each.inline for each in mail.attachments)
    return _ignore(scene, "calendar") if mail.calendar_method and not attached else None


def delivery_report(scene: Scene) -> Verdict | None:
    """What a mail server says about a mail of ours: never arrived, late, or arrived."""
    mail = scene.mail
    if mail.report_type == "disposition-notification" or not _from_mail_server(mail):
        return None
    action = _reported_action(mail)
    if action is None:
        return None
    case, recipient = _bounced_case(scene), _recipient(scene)
    if action == "delayed":
        return _ignore(scene, "delay_notice", case)
    if action != "failed":
        return _ignored_receipt(scene)
    if case is None:
        # Backscatter: somebody else's mail under our name. There is no case to mark.
        return _ignore(scene, "auto_reply")
    permanent = mail.report.permanent if mail.report else True
    return Verdict(action="delivery_failure", case=case, recipient=recipient, permanent=permanent)


def receipt(scene: Scene) -> Verdict | None:
    """A read or delivery receipt: by its report type, or by title together with a sign of a machine."""
    mail = scene.mail
    if mail.report_type == "disposition-notification":
        return _ignored_receipt(scene)
    titled = phrases.RECEIPT_TITLE.match(folded(mail.subject)) is not None
    told = phrases.RECEIPT_TEXT.search(folded((mail.new_text or mail.text)[:2_000])) is not None
    return _ignored_receipt(scene) if titled and (told or is_marked_automatic(mail)) else None


def is_marked_automatic(mail: MailMessage) -> bool:
    """Whether headers say that no person wrote this mail (graph.md 3.5; RFC 3834).

    X-Auto-Response-Suppress only asks others not to answer; Precedence: bulk and list are for lists.
    """
    submitted = (mail.header("auto-submitted") or "no").split(";")[0].strip().lower()
    precedence = (mail.header("precedence") or "").strip().lower()
    names = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-auto-reply-from", "x-mail-autoreply")
    by_exchange = ("x-ms-exchange-inbox-rules-loop", "x-ms-exchange-generated-message-source")
    return (
        submitted not in {"no", ""}
        or precedence in {"auto_reply", "auto-reply"}
        or any(name in mail.headers for name in (*names, *by_exchange))
    )


def _from_mail_server(mail: MailMessage) -> bool:
    by_report = mail.report_type == "delivery-status" or mail.report is not None
    by_header = "x-failed-recipients" in mail.headers or "x-ms-exchange-message-is-ndr" in mail.headers
    return by_report or by_header or _ROBOT.match(mail.sender.address) is not None or mail.return_path == ""


def _reported_action(mail: MailMessage) -> str | None:
    if mail.report is not None:
        return mail.report.action
    title = folded(bare_subject(mail.subject))
    if phrases.DELAY_TITLE.match(title):
        return "delayed"
    by_header = "x-failed-recipients" in mail.headers or "x-ms-exchange-message-is-ndr" in mail.headers
    if by_header or phrases.FAILED_TITLE.match(title) or mail.report_type == "delivery-status":
        return "failed"
    return None


def _bounced_case(scene: Scene) -> CaseSummary | None:
    """The case of the mail that did not arrive; a reference counts when the lost recipient is on it."""
    answered = case_by_message(scene.mail, scene.hits)
    if answered is not None:
        return answered
    recipient = _recipient(scene)
    for reference in references_in(scene.mail.subject, scene.catalogue):
        case = scene.hits.by_reference.get(reference)
        if case is not None and recipient is not None and case.includes(recipient):
            return case
    return None


def _recipient(scene: Scene) -> str | None:
    """Who did not get the mail: as reported, or the first address in the notice that is not one of ours."""
    mail = scene.mail
    if mail.report is not None and mail.report.recipient:
        return mail.report.recipient.lower()
    spoken = " ".join((mail.header("x-failed-recipients") or "", mail.new_text[:4_000]))
    found = (each.lower() for each in _ADDRESS.findall(spoken))
    return next((each for each in found if each not in scene.desk_addresses and not _ROBOT.match(each)), None)


def _ignore(scene: Scene, reason: Reason, case: CaseSummary | None = None) -> Verdict:
    return Verdict(action="ignore", reason=reason, related=case.reference if case else scene.reference)


def _ignored_receipt(scene: Scene) -> Verdict:
    """A receipt quotes our subject by itself: only a message id ties it to a case."""
    case = case_by_message(scene.mail, scene.hits)
    return Verdict(action="ignore", reason="receipt", related=case.reference if case else None)
