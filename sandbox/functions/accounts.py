"""The storage behind queue bindings: the embedded file, or accounts named by connection settings."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.functions.errors import HostError
from sandbox.functions.hostjson import Queues as Options
from sandbox.functions.queues.coding import encoded
from sandbox.functions.queues.contract import Queue, QueueError, Queues
from sandbox.functions.queues.embedded import EmbeddedQueues
from sandbox.functions.settings import Connection, Settings


class Accounts:
    """Finds the queue of a binding. `on_send` hears of messages added to embedded queues."""

    def __init__(
        self,
        settings: Settings,
        options: Options,
        state: Path,
        now: Callable[[], datetime],
        on_send: Callable[[str], None],
    ) -> None:
        self._settings, self._options = settings, options
        self._file, self._now, self._on_send = state / "queues.sqlite", now, on_send
        self._open: dict[Connection, Queues] = {}
        self._embedded: EmbeddedQueues | None = None

    def queue(self, binding: Mapping[str, Any], suffix: str = "") -> Queue:
        """The queue that a binding names. Raises HostError."""
        name = self._settings.resolve(str(binding["queueName"])) + suffix
        connection = self._settings.connection(str(binding.get("connection") or ""))
        try:
            return self._account(connection).queue(name)
        except (QueueError, ValueError) as exc:
            raise HostError(f"connection {connection.name}: {exc}") from exc

    def encoded(self, text: str) -> str:
        """A message's text as it is stored."""
        return encoded(text, self._options.message_encoding)

    def close(self) -> None:
        """Let go of the file."""
        if self._embedded is not None:
            self._embedded.close()

    def _account(self, connection: Connection) -> Queues:
        if connection not in self._open:
            self._open[connection] = self._opened(connection)
        return self._open[connection]

    def _opened(self, connection: Connection) -> Queues:
        if connection.embedded:
            self._embedded = EmbeddedQueues(self._file, self._now)
            self._embedded.on_send(self._on_send)
            return self._embedded
        # The SDK costs a fifth of a second: only those pay who use it.
        from sandbox.functions.queues.storage import StorageQueues  # noqa: PLC0415

        return StorageQueues(connection)
