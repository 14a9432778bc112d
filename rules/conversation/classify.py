"""What becomes of a mail: the order of judgement (MAIL-1 to MAIL-4, MAIL-7, INT-8, INT-9).

The first rule that speaks decides. Mails about mails come first, since they must never open a case; then
repeats; then who is lying; then machines and lists; then who may touch which case. What is left belongs to
a case or opens one. Where signs are weak a rule stays silent: an open request is better than a lost one.
"""

from collections.abc import Callable
from datetime import timedelta

from rules.conversation import wording
from rules.conversation.automatic import automatic_answer, mailing_list, nothing_asked
from rules.conversation.fingerprint import fingerprint
from rules.conversation.matching import references_in, thread_ids
from rules.conversation.reports import calendar_item, delivery_report, own_mail, receipt
from rules.conversation.scene import Scene
from rules.conversation.trust import impersonation, unknown_sender, untrusted_reference, unverified
from rules.text import answers_or_forwards, domain_of, within
from schemas.catalogue import Catalogue
from schemas.directory import Directory
from schemas.mail import MailMessage
from schemas.thread import CaseSummary, ThreadHits, Verdict, Wanted


def wanted(mail: MailMessage, catalogue: Catalogue) -> Wanted:
    """The look-ups to make before `classify`: what they find is given to it as ThreadHits."""
    named = references_in(f"{mail.subject}\n{mail.new_text[:4_000]}", catalogue)
    return Wanted(message_ids=thread_ids(mail), references=named, fingerprint=fingerprint(mail))


def classify(mail: MailMessage, catalogue: Catalogue, directory: Directory, thread: ThreadHits) -> Verdict:
    """Decide what becomes of a mail. Never raises; the words are those of examples/README.md."""
    scene = Scene(mail, catalogue, directory, thread)
    for rule in _RULES:
        verdict = rule(scene)
        if verdict is not None:
            return verdict
    return _follow_up(scene, scene.match.case) if scene.match.case else _new_case(scene)


def _repeat(scene: Scene) -> Verdict | None:
    """The same message in another inbox, or the same words sent again by hand (INT-8)."""
    same = scene.hits.same_message
    if same is not None:
        return Verdict(action="duplicate", reason="same_message_id", case=same)
    window = timedelta(seconds=scene.catalogue.mail_rules.duplicate_window.seconds)
    for case, received in scene.hits.same_fingerprint:
        elsewhere = scene.match.case is not None and scene.match.case.case_id != case.case_id
        if not elsewhere and abs(scene.mail.received_at - received) <= window:
            return Verdict(action="duplicate", reason="same_sender_same_text_within_window", case=case)
    return None


def _follow_up(scene: Scene, case: CaseSummary) -> Verdict:
    """Add to the case, reopen it, or open a new one that names it. Thanks change nothing."""
    thanks = wording.only_thanks(scene.mail)
    if case.status != "done" or thanks:
        return Verdict(action="follow_up", case=case, only_thanks=thanks, trusted_machine=_machine(scene))
    if _within_window(scene, case):
        return Verdict(action="follow_up", case=case, reopen=True, trusted_machine=_machine(scene))
    return _new_case(scene).model_copy(update={"linked_to": case.reference})


def _within_window(scene: Scene, case: CaseSummary) -> bool:
    days = timedelta(days=scene.catalogue.reopen.window_days)
    return case.closed_on is None or scene.mail.received_at - case.closed_on <= days


def _new_case(scene: Scene) -> Verdict:
    return Verdict(
        action="new_case",
        related=_mentioned(scene),
        request_type_hint=scene.machine_type or _only_type_for_outsiders(scene),
        trusted_machine=_machine(scene),
        channel_bypass=_bypasses(scene),
    )


def _machine(scene: Scene) -> bool:
    return scene.machine_type is not None


def _mentioned(scene: Scene) -> str | None:
    """A known case that the text names; the mail may not change it."""
    named = references_in(scene.mail.new_text[:4_000], scene.catalogue)
    return next((each for each in named if each in scene.hits.by_reference), None)


def _only_type_for_outsiders(scene: Scene) -> str | None:
    allowed = scene.catalogue.mail_rules.external_allowed.get(scene.queue or "", ())
    return allowed[0] if not scene.known and len(allowed) == 1 else None


def _bypasses(scene: Scene) -> bool:
    """A colleague was asked first: their mail is passed on to the desk, or the text says so (INT-9)."""
    if not scene.claims_internal:
        return False
    domains = tuple(scene.catalogue.mail_rules.internal_domains)
    for passed in scene.mail.forwarded:
        author = passed.sender.address if passed.sender else ""
        to_desk = any(each.address in scene.desk_addresses for each in passed.to)
        if within(domain_of(author), domains) and author != scene.mail.sender.address and not to_desk:
            return True
    return not answers_or_forwards(scene.mail.subject) and wording.came_round_the_door(scene.mail)


_RULES: tuple[Callable[[Scene], Verdict | None], ...] = (
    own_mail,
    calendar_item,
    delivery_report,
    receipt,
    _repeat,
    impersonation,
    automatic_answer,
    mailing_list,
    unverified,
    untrusted_reference,
    nothing_asked,
    unknown_sender,
)
