"""Automatic answers, mailing lists and mails that ask for nothing (MAIL-3)."""

from rules.conversation import wording
from rules.conversation.reports import is_marked_automatic
from rules.conversation.scene import Scene
from rules.labels import labelled_pairs
from rules.text import bare_subject, folded, words
from schemas.mail import MailMessage
from schemas.thread import Reason, Verdict


def automatic_answer(scene: Scene) -> Verdict | None:
    """A mail that no person wrote, by its headers or by its words alone. Trusted machines pass."""
    mail = scene.mail
    if scene.machine_type is not None:
        return None
    if is_marked_automatic(mail):
        return _ignore(scene, "mailing_list" if "list-id" in mail.headers else "auto_reply")
    return _ignore(scene, "auto_reply") if wording.written_by_machine(mail, _answers_fields(scene)) else None


def mailing_list(scene: Scene) -> Verdict | None:
    """A mail to many that asks this desk for nothing.

    A participant's answer stays an answer whatever system sends it. Our own people may write through a list:
    to the desk itself any request counts, to a list that the desk is on only one that expects an answer.
    """
    mail = scene.mail
    newsletter = not scene.known and wording.offers_to_unsubscribe(mail)
    if not (is_bulk(mail) or newsletter) or scene.machine_type is not None or scene.match.case is not None:
        return None
    if _answers_fields(scene) or _supplier_business(scene):
        return None
    if scene.known:
        asked = wording.asks_something if _addressed(scene) else wording.asks_one_reader
        return None if asked(mail) else _ignore(scene, "mailing_list")
    return _ignore(scene, "mailing_list")


def nothing_asked(scene: Scene) -> Verdict | None:
    """A mail outside of any case that is empty, only thanks, or says itself that nothing is to be done."""
    mail = scene.mail
    if scene.match.case is not None or scene.match.named is not None or _answers_fields(scene):
        return None
    if wording.is_notice(mail) or wording.only_thanks(mail) or _empty(mail):
        return _ignore(scene, "no_request")
    return _ignore(scene, "no_request") if wording.says_nothing_to_do(mail) else None


def is_bulk(mail: MailMessage) -> bool:
    """Whether headers say that the mail went to many."""
    precedence = (mail.header("precedence") or "").strip().lower()
    listed = ("list-id", "list-unsubscribe", "list-post", "mailing-list", "x-mailing-list")
    return precedence in {"bulk", "list", "junk"} or any(name in mail.headers for name in listed)


def _addressed(scene: Scene) -> bool:
    listed = {each.address for each in (*scene.mail.to, *scene.mail.cc)}
    return not listed.isdisjoint(scene.desk_addresses)


def _answers_fields(scene: Scene) -> bool:
    """Whether two or more labels of the catalogue are answered: nobody does that by chance."""
    pairs = labelled_pairs(scene.mail.new_text, scene.mail.cells, scene.labels)
    return len({pair.label for pair in pairs}) >= 2


def _supplier_business(scene: Scene) -> bool:
    """Whether an outsider sends what this queue takes from outsiders, such as an invoice with its file."""
    allowed = scene.catalogue.mail_rules.external_allowed.get(scene.queue or "", ())
    if not any(not each.inline for each in scene.mail.attachments):
        return False
    spoken = f" {' '.join(words(f'{scene.mail.subject} {scene.mail.new_text[:4_000]}'))} "
    types = (each for each in scene.catalogue.request_types.values() if each.id in allowed)
    return any(f" {folded(keyword)} " in spoken for each in types for keyword in each.keywords)


def _empty(mail: MailMessage) -> bool:
    said = words(bare_subject(mail.subject)) or words(mail.new_text or mail.text)
    return not (said or mail.attachments or mail.forwarded or mail.faults)


def _ignore(scene: Scene, reason: Reason) -> Verdict:
    return Verdict(action="ignore", reason=reason, related=scene.reference)
