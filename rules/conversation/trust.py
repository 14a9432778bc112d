"""May this sender do what the mail does? Otherwise it is held for a person (MAIL-2, MAIL-7)."""

import re

from rules.conversation import phrases
from rules.conversation.lookalike import resembles
from rules.conversation.scene import Scene
from rules.text import domain_of, folded, within
from schemas.mail import SenderCheck
from schemas.thread import Reason, Verdict

_FAILED = frozenset({"fail", "softfail", "permerror"})
_PASSED = frozenset({"pass", "bestguesspass"})


def impersonation(scene: Scene) -> Verdict | None:
    """A sender who pretends to be one of us: our domain unproven, a look-alike, our names outside."""
    return _hold(scene, "phishing") if _pretends(scene) else None


def unverified(scene: Scene) -> Verdict | None:
    """A mail that its own domain disowns, whose answers would go astray, or that fishes from outside."""
    mail = scene.mail
    if mail.check.internal:
        return _hold(scene, "phishing") if _answers_astray(scene) else None
    failed = mail.check.dmarc == "fail" or (mail.check.spf == "fail" and not _proven(mail.check))
    baited = not scene.claims_internal and _bait(scene)
    return _hold(scene, "phishing") if failed or _answers_astray(scene) or baited else None


def untrusted_reference(scene: Scene) -> Verdict | None:
    """A case is named by somebody who is not on it, or answered although it is not theirs (MAIL-2)."""
    if scene.match.named is None:
        return None
    if scene.match.by_message_id or scene.claims_internal:
        return _hold(scene, "not_a_participant")
    return _hold(scene, "spoofed_reference")


def unknown_sender(scene: Scene) -> Verdict | None:
    """A stranger, unless this queue takes mail from outside (catalogue: mail_rules.external_allowed)."""
    rules = scene.catalogue.mail_rules
    if scene.known or scene.match.case is not None or rules.unknown_external_sender != "hold":
        return None
    open_door = bool(rules.external_allowed.get(scene.queue or ""))
    # A private address under a colleague's name: identity first, even where strangers may write.
    borrowed = _names_a_colleague(scene)
    return _hold(scene, "unknown_sender") if borrowed or not open_door else None


def _pretends(scene: Scene) -> bool:
    mail, domains = scene.mail, tuple(scene.catalogue.mail_rules.internal_domains)
    if scene.claims_internal:
        return not mail.check.internal and _disowned(scene)
    if scene.directory.person(mail.sender.address) is not None:
        return False
    if resembles(mail.sender.address, domains, scene.catalogue.organisation.name):
        return True
    shown = re.search(r"[\w.+'-]{1,64}@([\w.-]{1,253})", mail.sender.name)
    if shown is not None and within(shown[1].lower().rstrip("."), domains):
        return True
    return _names_a_colleague(scene) and (_bait(scene) or _answers_astray(scene))


def _disowned(scene: Scene) -> bool:
    """Whether a mail under our own domain is proven false, or claimed by a stranger without any proof."""
    mail = scene.mail
    domains = tuple(scene.catalogue.mail_rules.internal_domains)
    elsewhere = any(not within(domain_of(each.address), domains) for each in mail.reply_to)
    stranger = (mail.header("x-ms-exchange-organization-authas") or "").strip().lower() == "anonymous"
    check = mail.check
    failed = check.dmarc == "fail" or check.spf in _FAILED or check.dkim == "fail"
    # A signature or envelope that passes may be the stranger's own: only DMARC ties it to our domain.
    return check.dmarc not in _PASSED and (failed or stranger or elsewhere)


def _proven(check: SenderCheck) -> bool:
    return check.dmarc in _PASSED or check.dkim == "pass"


def _answers_astray(scene: Scene) -> bool:
    """Whether replies would go to an address made to be mistaken for the sender's or for ours."""
    mail = scene.mail
    own = domain_of(mail.sender.address)
    domains = tuple(scene.catalogue.mail_rules.internal_domains)
    others = [each.address for each in mail.reply_to if not within(domain_of(each.address), (own, *domains))]
    title = scene.catalogue.organisation.name
    disguised = any(resembles(each, (own, *domains), title) for each in others if own)
    return disguised or (bool(others) and _bait(scene))


def _names_a_colleague(scene: Scene) -> bool:
    """Whether the name is that of one of our people or desks, or speaks for the organisation itself."""
    name = folded(scene.mail.sender.name)
    own = folded(scene.catalogue.organisation.name)
    return bool(name) and (name in scene.colleague_names or f" {own} " in f" {name} ")


def _bait(scene: Scene) -> bool:
    return phrases.BAIT.search(folded(f"{scene.mail.subject} {scene.mail.new_text[:4_000]}")) is not None


def _hold(scene: Scene, reason: Reason) -> Verdict:
    return Verdict(action="hold", reason=reason, related=scene.reference)
