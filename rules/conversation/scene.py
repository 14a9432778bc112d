"""All that a judgement about one mail may look at, with the facts that several rules need."""

from dataclasses import dataclass
from functools import cached_property

from rules.conversation.matching import Match, match_case
from rules.labels import all_labels
from rules.text import domain_of, folded, within
from schemas.catalogue import Catalogue
from schemas.directory import Directory
from schemas.mail import MailMessage
from schemas.thread import ThreadHits


@dataclass(frozen=True)
class Scene:
    """One mail, the organisation, and what is known of the conversation."""

    mail: MailMessage
    catalogue: Catalogue
    directory: Directory
    hits: ThreadHits

    @cached_property
    def match(self) -> Match:
        """The case that the mail belongs to, or names without right."""
        return match_case(self.mail, self.catalogue, self.hits)

    @cached_property
    def reference(self) -> str | None:
        """The reference of either, for `related`."""
        case = self.match.case or self.match.named
        return case.reference if case else None

    @cached_property
    def claims_internal(self) -> bool:
        """Whether the sender's address is one of ours, proven or not."""
        return within(domain_of(self.mail.sender.address), self.catalogue.mail_rules.internal_domains)

    @cached_property
    def known(self) -> bool:
        """Whether the organisation knows the sender's address."""
        return self.claims_internal or self.directory.person(self.mail.sender.address) is not None

    @cached_property
    def machine_type(self) -> str | None:
        """The request type that a trusted machine reports with its mails."""
        for machine in self.catalogue.mail_rules.trusted_machine_senders:
            if machine.address.lower() == self.mail.sender.address:
                return machine.request_type
        return None

    @cached_property
    def queue(self) -> str | None:
        """The queue whose mailbox this copy was read from."""
        return self.catalogue.queue_of(self.mail.mailbox)

    @cached_property
    def desk_addresses(self) -> frozenset[str]:
        """The mailboxes of all queues."""
        return frozenset(queue.address.lower() for queue in self.catalogue.queues.values())

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every label of the catalogue, normalised."""
        return all_labels(self.catalogue)

    @cached_property
    def colleague_names(self) -> frozenset[str]:
        """The names that our people and desks write under, folded."""
        people = (person.display_name for person in self.directory.people)
        return frozenset(
            folded(name) for name in (*people, *(queue.name for queue in self.catalogue.queues.values()))
        )
