"""Both kinds of queues keep one contract (azure-functions.md 4.4 and 5)."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.functions.queues.coding import decoded, encoded
from sandbox.functions.queues.contract import (
    BadQueueName,
    MessageTooLarge,
    QueueMissing,
    QueueUnavailable,
    ReceiptOutdated,
)
from sandbox.functions.queues.embedded import EmbeddedQueues
from sandbox.functions.queues.storage import StorageQueues
from sandbox.functions.settings import Connection
from tests import azurite

MINUTE = timedelta(minutes=1)


class QueueContract:
    """What every queue does. `pass_time` lets seconds go by for the queues."""

    @pytest.fixture
    def queue(self, queues):
        made = queues.queue(f"q-{uuid.uuid4().hex[:20]}")
        made.create()
        return made

    def test_creating_it_again_is_fine(self, queue):
        queue.send("a")
        queue.create()
        assert queue.depth().visible == 1

    def test_a_missing_queue_is_told(self, queues):
        missing = queues.queue("never-made")
        for call in (
            lambda: missing.send("a"),
            lambda: missing.receive(1, MINUTE),
            missing.depth,
        ):
            with pytest.raises(QueueMissing):
                call()

    @pytest.mark.parametrize("name", ["q1", "Upper", "a--b", "-ab", "ab-", "under_score", "x" * 64])
    def test_names_keep_the_rules(self, queues, name):
        with pytest.raises(BadQueueName, match="3 to 63"):
            queues.queue(name)

    def test_the_longest_name_is_taken(self, queues):
        queues.queue("y" * 63).create()

    def test_a_received_message_is_invisible_and_counted(self, queue):
        identity = queue.send("text")
        (message,) = queue.receive(16, MINUTE)
        assert (message.id, message.text, message.dequeue_count) == (identity, "text", 1)
        assert queue.receive(16, MINUTE) == []
        assert (queue.depth().visible, queue.depth().invisible) == (0, 1)

    def test_it_shows_again_and_counts_on(self, queue, pass_time):
        queue.send("text")
        queue.receive(1, timedelta(seconds=1))
        pass_time(1.1)
        assert queue.receive(1, MINUTE)[0].dequeue_count == 2

    def test_a_delay_hides_it_first(self, queue, pass_time):
        queue.send("later", delay=timedelta(seconds=1))
        assert queue.receive(1, MINUTE) == []
        pass_time(1.1)
        assert queue.receive(1, MINUTE)[0].text == "later"

    def test_an_expired_message_is_gone(self, queue, pass_time):
        queue.send("short", lifetime=timedelta(seconds=1))
        queue.send("for ever", lifetime=None)
        pass_time(1.1)
        assert [message.text for message in queue.receive(16, MINUTE)] == ["for ever"]

    def test_a_deleted_message_is_gone(self, queue):
        queue.send("a")
        queue.delete(queue.receive(1, MINUTE)[0])
        assert queue.depth().visible + queue.depth().invisible == 0

    def test_an_outdated_receipt_is_refused(self, queue, pass_time):
        queue.send("a")
        first = queue.receive(1, timedelta(seconds=1))[0]
        pass_time(1.1)
        second = queue.receive(1, MINUTE)[0]
        with pytest.raises(ReceiptOutdated):
            queue.delete(first)
        with pytest.raises(ReceiptOutdated):
            queue.hold(first, MINUTE)
        queue.delete(second)
        with pytest.raises(ReceiptOutdated):
            queue.delete(second)

    def test_holding_gives_a_new_receipt_and_time(self, queue, pass_time):
        queue.send("a")
        message = queue.receive(1, timedelta(seconds=1))[0]
        held = queue.hold(message, MINUTE)
        pass_time(1.1)
        assert queue.receive(1, MINUTE) == []
        assert held.receipt != message.receipt
        assert held.next_visible > message.next_visible
        assert held.text == "a"
        queue.delete(held)

    def test_letting_go_makes_it_visible_at_once(self, queue):
        queue.send("a")
        queue.hold(queue.receive(1, MINUTE)[0], timedelta(0))
        assert queue.receive(1, MINUTE)[0].dequeue_count == 2

    def test_at_most_so_many_are_taken(self, queue):
        for number in range(5):
            queue.send(str(number))
        assert len(queue.receive(3, MINUTE)) == 3
        assert queue.depth().visible == 2

    def test_text_comes_back_whole(self, queue):
        text = encoded("Grüße <&> \U0001f989", "base64")
        queue.send(text)
        assert decoded(queue.receive(1, MINUTE)[0].text, "base64") == "Grüße <&> \U0001f989"

    def test_64_kib_fit_and_not_one_byte_more(self, queue):
        queue.send("x" * 65536)
        with pytest.raises(MessageTooLarge, match="64 KiB"):
            queue.send("x" * 65537)

    def test_a_message_tells_when_it_came_and_goes(self, queue):
        queue.send("a")
        message = queue.receive(1, MINUTE)[0]
        assert message.expires - message.inserted == timedelta(days=7)
        assert message.next_visible > message.inserted


class TestEmbedded(QueueContract):
    @pytest.fixture
    def hand(self):
        return [datetime(2026, 2, 9, 9, 0, tzinfo=UTC)]

    @pytest.fixture
    def queues(self, tmp_path, hand):
        made = EmbeddedQueues(tmp_path / "q.sqlite", lambda: hand[0])
        yield made
        made.close()

    @pytest.fixture
    def pass_time(self, hand):
        def move(seconds):
            hand[0] += timedelta(seconds=seconds)

        return move

    def test_it_knows_when_the_next_one_shows(self, queue, hand):
        queue.send("a", delay=MINUTE)
        assert queue.depth().next_visible == hand[0] + MINUTE

    def test_it_lives_on_in_its_file(self, queue, tmp_path, hand):
        queue.send("a")
        second = EmbeddedQueues(tmp_path / "q.sqlite", lambda: hand[0])
        assert second.queue(queue.name).receive(1, MINUTE)[0].text == "a"
        second.close()

    def test_a_full_disk_is_told_with_the_remedy(self, queue, queues):
        queue.send("kept")
        queues._db.execute("pragma max_page_count = 12")
        for _ in range(5):
            queue.send("x" * 1000)
        with pytest.raises(QueueUnavailable, match=r"q\.sqlite: .*full: see that the disk has room"):
            queue.send("x" * 60_000)
        assert queue.receive(1, MINUTE)[0].text == "kept"


@pytest.mark.azurite
class TestStorage(QueueContract):
    @pytest.fixture
    def queues(self):
        made = StorageQueues(Connection("Storage", connection_string=azurite.connection_string()))
        yield made
        made.close()

    @pytest.fixture
    def pass_time(self):
        return time.sleep


def test_base64_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"sender and host\.json disagree"):
        decoded("plain text!", "base64")


def test_without_encoding_text_is_stored_as_it_is():
    assert decoded(encoded("<&>", "none"), "none") == "<&>"
