"""The composition root: everything is put together here, once for each process, lazily."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path

import requests

from app.settings import Settings, load_settings
from connectors.auth import Certificate, Credential, FederatedIdentity, ManagedIdentity, Secret, TokenSource
from connectors.graph import GraphClient
from connectors.graph_errors import GRAPH
from connectors.http import Http, new_session
from connectors.outlook import Outlook
from dataverse.client import SERVICE as DATAVERSE
from dataverse.client import DataverseClient
from dataverse.clock import ServiceClock
from dataverse.repositories.cases import DataverseCases
from dataverse.repositories.effects import DataverseEffects
from rules.decision import Organisation
from schemas.documents import ConfigurationFaults
from schemas.loading import check_together, load_catalogue, load_directory, load_knowledge
from sync.errors import ConfigurationError
from sync.importing import Importer
from sync.intake import Intake
from sync.mailboxes import MailboxReader, Pulled
from sync.outbox import Drained, Outbox
from sync.ports import StateStore


class Plumbline:
    """The app. Its use cases are safe to run twice and at the same time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # The time of the services: the worker's own clock decides nothing. Made at once, since threads that build
        # the parts below at the same time must tell and ask one clock. The client is looked up late.
        self.clock = ServiceClock(lambda: self.dataverse.who_am_i())  # noqa: PLW0108

    def mailboxes(self) -> list[str]:
        """Addresses of the shared mailboxes, one for each queue."""
        return [queue.address for queue in self.organisation.catalogue.queues.values()]

    def pull(self, mailbox: str) -> Pulled:
        """Take in what is new in one mailbox. Raises the RemoteError tree; nothing is lost then."""
        return self._reader.pull(mailbox)

    def drain(self) -> Drained:
        """Carry out one round of the outbox."""
        return self._outbox.drain()

    @cached_property
    def organisation(self) -> Organisation:
        """Catalogue, directory and articles. Raises ConfigurationError that lists every fault of the files."""
        settings = self.settings
        try:
            catalogue = load_catalogue(_text(settings.catalogue))
            directory = load_directory(_text(settings.directory))
            knowledge = load_knowledge(_text(settings.knowledge))
            if faults := check_together(catalogue, knowledge):
                raise ConfigurationFaults("configuration", faults)
        except ConfigurationFaults as found:
            raise ConfigurationError(str(found)) from None
        return Organisation(catalogue, directory, knowledge)

    @cached_property
    def dataverse(self) -> DataverseClient:
        """The Dataverse client."""
        url = str(self.settings.dataverse_url).rstrip("/")
        http = Http(self._session(), self._tokens, base_url=url, service=DATAVERSE, on_date=self.clock.heard)
        return DataverseClient(http, url)

    @cached_property
    def cases(self) -> DataverseCases:
        """Cases and mail records."""
        return DataverseCases(self.dataverse, self.clock)

    @cached_property
    def effects(self) -> DataverseEffects:
        """The outbox rows."""
        return DataverseEffects(self.dataverse)

    @cached_property
    def importer(self) -> Importer:
        """Brings in cases that existed before."""
        return Importer(self.organisation, self.cases, self.clock)

    @cached_property
    def mail(self) -> Outlook:
        """The shared mailboxes."""
        url = str(self.settings.graph_url).rstrip("/")
        return Outlook(GraphClient(Http(self._session(), self._tokens, base_url=url, service=GRAPH), url))

    @cached_property
    def state(self) -> StateStore:
        """What only serves the moving; the storage clients are loaded only where they are used."""
        if self.settings.state_table_url:
            from app.state_table import TableState  # noqa: PLC0415

            url, identity = str(self.settings.state_table_url), self.settings.managed_identity_client_id
            return TableState.with_identity(url, identity)
        from app.state_sqlite import SqliteState  # noqa: PLC0415

        assert self.settings.state is not None
        return SqliteState(self.settings.state)

    @cached_property
    def _reader(self) -> MailboxReader:
        intake = Intake(self.organisation, self.cases, self.clock)
        first_read = timedelta(hours=self.settings.first_read_hours)
        return MailboxReader(self.mail, intake, self.state, self.clock, first_read=first_read)

    @cached_property
    def _outbox(self) -> Outbox:
        return Outbox(self.effects, self.mail, self.clock)

    @cached_property
    def _tokens(self) -> TokenSource:
        return TokenSource(
            _credential(self.settings), authority=self.settings.authority_url, session=self._session()
        )

    def _session(self) -> requests.Session:
        return new_session(self.settings.ca_bundle)


def load() -> Plumbline:
    """The app with the settings of the environment."""
    return Plumbline(load_settings())


def _credential(settings: Settings) -> Credential:
    identity = ManagedIdentity(settings.managed_identity_client_id)
    if settings.credential == "secret":
        assert settings.client_secret is not None
        return Secret(settings.client_id, settings.client_secret.get_secret_value())
    if settings.credential == "certificate":
        assert settings.certificate_path is not None
        return Certificate(settings.client_id, settings.certificate_path)
    if settings.credential == "managed_identity":
        return identity
    return FederatedIdentity(settings.client_id, identity)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"The file {path.name} cannot be read: {error.strerror}. Check its path."
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"The file {path.name} is not UTF-8 text. Save it as UTF-8.") from None
