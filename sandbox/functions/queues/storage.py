"""Azure Storage queues (or Azurite), behind the same contract as the embedded ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueServiceClient

from sandbox.functions.queues.contract import (
    WEEK,
    Depth,
    Message,
    MessageTooLarge,
    QueueMissing,
    QueueUnavailable,
    ReceiptOutdated,
    checked_name,
    checked_size,
)
from sandbox.functions.settings import Connection

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage

_ENDED = {"PopReceiptMismatch", "MessageNotFound"}


class StorageQueues:
    """The queues of one storage account."""

    def __init__(self, connection: Connection) -> None:
        self._service = _service(connection)

    def queue(self, name: str) -> "StorageQueue":
        """A queue by name, existing or not. Raises BadQueueName."""
        return StorageQueue(self._service.get_queue_client(checked_name(name)))

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


class StorageQueue:
    """One queue of the account; see contract.Queue for what each call does."""

    tells_next_visible: ClassVar[bool] = False

    def __init__(self, client: QueueClient) -> None:
        self._client = client
        self.name = client.queue_name

    def create(self) -> None:
        """Create it; an existing one is fine."""
        with self._translated():
            try:
                self._client.create_queue()
            except ResourceExistsError:
                return

    def send(self, text: str, *, delay: timedelta = timedelta(0), lifetime: timedelta | None = WEEK) -> str:
        """Add a message and return its id."""
        checked_size(text)
        seconds = -1 if lifetime is None else int(lifetime.total_seconds())
        with self._translated():
            sent = self._client.send_message(
                text, visibility_timeout=int(delay.total_seconds()), time_to_live=seconds
            )
        return str(sent.id)

    def receive(self, most: int, invisible: timedelta) -> list[Message]:
        """Take up to 32 visible messages."""
        count = min(most, 32)
        with self._translated():
            pages = self._client.receive_messages(
                messages_per_page=count, max_messages=count, visibility_timeout=_seconds(invisible)
            )
            return [_message(found) for found in pages]

    def hold(self, message: Message, invisible: timedelta) -> Message:
        """Set anew how long a message stays invisible."""
        with self._translated():
            held = self._client.update_message(
                message.id, message.receipt, visibility_timeout=_seconds(invisible), content=message.text
            )
        return Message(
            message.id,
            message.text,
            str(held.pop_receipt),
            message.dequeue_count,
            message.inserted,
            message.expires,
            _instant(held.next_visible_on),
        )

    def delete(self, message: Message) -> None:
        """Remove a message for good."""
        with self._translated():
            self._client.delete_message(message.id, message.receipt)

    def depth(self) -> Depth:
        """Count what lies in it. The service tells at most 32 visible ones apart."""
        with self._translated():
            visible = len(self._client.peek_messages(max_messages=32))
            total = self._client.get_queue_properties().approximate_message_count or 0
        return Depth(visible, max(0, total - visible))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except HttpResponseError as exc:
            raise self._named(exc) from exc
        except AzureError as exc:
            raise QueueUnavailable(f"queue {self.name}: the storage account does not answer") from exc

    def _named(self, exc: HttpResponseError) -> Exception:
        given = getattr(exc, "error_code", None) or ""
        code = str(getattr(given, "value", given))
        if code in _ENDED:
            return ReceiptOutdated(f"queue {self.name}: the message was received anew or is gone")
        if code == "RequestBodyTooLarge":
            return MessageTooLarge("a message holds at most 64 KiB")
        if isinstance(exc, ResourceNotFoundError):
            return QueueMissing(f"queue {self.name} does not exist")
        return QueueUnavailable(f"queue {self.name}: the storage account answered {exc.status_code} {code}")


def _service(connection: Connection) -> QueueServiceClient:
    if connection.connection_string:
        return QueueServiceClient.from_connection_string(connection.connection_string)
    # Only an identity needs this import, which costs a fifth of a second.
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415

    if connection.managed_identity:
        return QueueServiceClient(
            connection.queue_uri, credential=ManagedIdentityCredential(client_id=connection.client_id)
        )
    return QueueServiceClient(connection.queue_uri, credential=DefaultAzureCredential())


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _instant(value: datetime | None) -> datetime:
    return datetime.max.replace(tzinfo=UTC) if value is None else value


def _message(found: "QueueMessage") -> Message:
    return Message(
        str(found.id),
        str(found.content),
        str(found.pop_receipt),
        int(found.dequeue_count or 0),
        _instant(found.inserted_on),
        _instant(found.expires_on),
        _instant(found.next_visible_on),
    )
