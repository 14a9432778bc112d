"""Who asks, for whom, and who takes part (requirements INT-2, INT-9; examples/README.md)."""

from dataclasses import dataclass

from rules.text import domain_of, within, words
from schemas.catalogue import Catalogue
from schemas.directory import Directory
from schemas.mail import Forwarded, MailMessage

_SHORT_NOTE = 60  # words above a passed-on message; a longer note is a request of its own


@dataclass(frozen=True)
class People:
    """Addresses. `passed` is the message that holds the request when it stands inside the mail."""

    requester: str
    on_behalf_of: str | None = None
    participants: tuple[str, ...] = ()
    passed: Forwarded | None = None


def read_people(mail: MailMessage, catalogue: Catalogue, directory: Directory) -> People:
    """A short note above a colleague's message asks on behalf of that colleague.

    Who passes on a message from outside asks for themselves. Known colleagues in copy take part.
    """
    sender = mail.sender.address
    passed = mail.forwarded[0] if mail.forwarded else None
    author = _colleague(passed, mail, catalogue) if passed else None
    short = len(words(mail.new_text)) <= _SHORT_NOTE
    requester = author if author and short else sender
    copied = [each.address for each in (*mail.to, *mail.cc) if directory.person(each.address) is not None]
    others = dict.fromkeys(each for each in (sender, *copied) if each not in {requester, mail.mailbox})
    desks = {queue.address.lower() for queue in catalogue.queues.values()}
    return People(
        requester=requester,
        on_behalf_of=requester if requester != sender else None,
        participants=tuple(each for each in others if each not in desks),
        passed=passed,
    )


def _colleague(passed: Forwarded, mail: MailMessage, catalogue: Catalogue) -> str | None:
    """The author of a passed-on message, when one of us other than the sender and no desk."""
    author = passed.sender.address.lower() if passed.sender else ""
    desks = {queue.address.lower() for queue in catalogue.queues.values()}
    inside = within(domain_of(author), tuple(catalogue.mail_rules.internal_domains))
    return author if inside and author != mail.sender.address and author not in desks else None
