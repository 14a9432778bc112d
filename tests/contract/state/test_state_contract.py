"""Both state stores keep one contract (sync.ports.StateStore)."""

import sqlite3
import uuid
from pathlib import Path

import pytest
from azure.data.tables import TableClient

from app.state_sqlite import SqliteState
from app.state_table import TableState
from sync.errors import ConfigurationError, Forbidden, NotSent, PreconditionFailed, Rejected
from tests import azurite


class StateContract:
    """What every state store does."""

    def test_a_record_never_written_is_none(self, state):
        assert state.get("checkpoint", "inbox") is None

    def test_a_written_record_is_read_with_its_etag(self, state):
        written = state.put("checkpoint", "inbox", "link-1")
        assert state.get("checkpoint", "inbox") == written
        assert written.value == "link-1"

    def test_the_last_value_stands(self, state):
        state.put("checkpoint", "inbox", "a" * 40_000)
        state.put("checkpoint", "inbox", "b")
        assert state.get("checkpoint", "inbox").value == "b"

    def test_every_write_has_a_new_etag(self, state):
        first = state.put("checkpoint", "inbox", "same")
        assert state.put("checkpoint", "inbox", "same").etag != first.etag

    def test_a_write_over_the_known_version_is_taken(self, state):
        first = state.put("lease", "k", "a")
        second = state.put("lease", "k", "b", etag=first.etag)
        assert state.get("lease", "k") == second

    def test_a_write_over_an_older_version_is_refused(self, state):
        first = state.put("lease", "k", "a")
        state.put("lease", "k", "b", etag=first.etag)
        with pytest.raises(PreconditionFailed):
            state.put("lease", "k", "c", etag=first.etag)
        assert state.get("lease", "k").value == "b"

    def test_a_conditional_write_of_a_record_that_is_gone_is_refused(self, state):
        first = state.put("lease", "k", "a")
        state.delete("lease", "k")
        with pytest.raises(PreconditionFailed):
            state.put("lease", "k", "b", etag=first.etag)

    def test_a_record_made_anew_is_another_version(self, state):
        first = state.put("lease", "k", "a")
        state.delete("lease", "k")
        state.put("lease", "k", "a")
        with pytest.raises(PreconditionFailed):
            state.put("lease", "k", "b", etag=first.etag)

    def test_kinds_do_not_share_keys(self, state):
        state.put("one", "k", "a")
        assert state.get("two", "k") is None

    @pytest.mark.parametrize(
        "key", ["a/b\\c#d?e", "Ä'; drop table state; --", "x" * 3000, "\n\t", "AbC", " "]
    )
    def test_any_text_is_a_key(self, state, key):
        state.put("kind/with?odd#chars", key, "v")
        assert state.get("kind/with?odd#chars", key).value == "v"
        assert state.get_many("kind/with?odd#chars", [key]) == {key: "v"}

    def test_keys_differ_in_case(self, state):
        state.put("k", "abc", "lower")
        assert state.get("k", "ABC") is None

    @pytest.mark.parametrize("value", ["", "ä" * 33_000, "🦉" * 40_000, "x" * 400_000, "line\r\nline\x00"])
    def test_any_value_comes_back_whole(self, state, value):
        state.put("k", "long", value)
        assert state.get("k", "long").value == value

    def test_many_are_written_and_those_that_exist_are_read(self, state):
        values = {f"mail/{n}": f"value {n}" for n in range(230)}
        state.put_many("seen", values)
        found = state.get_many("seen", [*list(values)[:40], "never", "mail/229"])
        assert found == {**{key: values[key] for key in list(values)[:40]}, "mail/229": "value 229"}

    def test_many_long_values_are_written(self, state):
        values = {str(n): str(n) * 200_000 for n in range(8)}
        state.put_many("long", values)
        assert state.get_many("long", list(values)) == values

    def test_nothing_to_write_and_nothing_to_read_is_fine(self, state):
        state.put_many("seen", {})
        assert state.get_many("seen", []) == {}

    def test_writing_many_changes_their_etags(self, state):
        first = state.put("seen", "k", "a")
        state.put_many("seen", {"k": "b"})
        with pytest.raises(PreconditionFailed):
            state.put("seen", "k", "c", etag=first.etag)

    def test_a_deleted_record_is_gone_and_deleting_it_again_is_fine(self, state):
        state.put("k", "x", "v")
        state.delete("k", "x")
        state.delete("k", "x")
        assert state.get("k", "x") is None


class TestSqlite(StateContract):
    @pytest.fixture
    def state(self, tmp_path):
        store = SqliteState(tmp_path / "folder" / "state.sqlite")
        yield store
        store.close()


@pytest.mark.azurite
class TestTable(StateContract):
    @pytest.fixture
    def state(self):
        store = TableState.from_connection_string(azurite.connection_string(), f"t{uuid.uuid4().hex}")
        yield store
        store.close()

    def test_a_value_beyond_an_entity_is_refused(self, state):
        with pytest.raises(Rejected, match="450000 fit"):
            state.put("k", "x", "v" * 450_001)

    # The SDK tests the truth of an XML element while it reads this error.
    @pytest.mark.filterwarnings("ignore:Testing an element:DeprecationWarning")
    def test_a_wrong_key_names_the_missing_role(self):
        good = azurite.connection_string()
        key = good.split("AccountKey=")[1].split(";")[0]
        wrong = TableState.from_connection_string(good.replace(key, "d3Jvbmc="), "tablename")
        with pytest.raises(Forbidden, match="Storage Table Data Contributor"):
            wrong.get("k", "x")
        wrong.close()


def test_two_sqlite_stores_share_a_file(tmp_path):
    one, two = SqliteState(tmp_path / "s.sqlite"), SqliteState(tmp_path / "s.sqlite")
    first = one.put("k", "x", "a")
    two.put("k", "x", "b", etag=first.etag)
    with pytest.raises(PreconditionFailed):
        one.put("k", "x", "c", etag=first.etag)
    one.close()
    two.close()


def test_a_full_disk_names_the_file_and_the_remedy_and_keeps_what_was_written(tmp_path: Path):
    store = SqliteState(tmp_path / "s.sqlite")
    store.put("k", "x", "kept")
    store._db.execute("pragma max_page_count = 20")  # SQLite then fails as it does on a full disk
    with pytest.raises(ConfigurationError, match=r"s\.sqlite: the disk is full.*free space"):
        store.put_many("k", {str(n): "v" * 5000 for n in range(100)})
    assert store.get("k", "x").value == "kept"
    assert store.get("k", "0") is None
    store._db.execute("pragma max_page_count = 100000")
    store.put_many("k", {str(n): "v" * 5000 for n in range(100)})
    store.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_file_that_cannot_be_used_is_named():
    with pytest.raises(ConfigurationError, match="/dev/full"):
        SqliteState(Path("/dev/full"))


def test_a_damaged_file_may_be_deleted(tmp_path):
    (tmp_path / "s.sqlite").write_bytes(b"no database at all, " * 500)
    with pytest.raises(ConfigurationError, match="damaged: delete it"):
        SqliteState(tmp_path / "s.sqlite")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ConfigurationError, match="choose another path"):
        SqliteState(tmp_path / "file" / "s.sqlite")


def test_a_locked_file_is_explained(tmp_path, monkeypatch):
    store = SqliteState(tmp_path / "s.sqlite")
    store._db.execute("pragma busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(ConfigurationError, match="another process holds it"):
        store.put("k", "x", "v")
    other.execute("rollback")
    other.close()
    store.close()


def test_a_table_that_nobody_serves_is_not_sent():
    address = (
        "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:9/a;"
    )
    store = TableState(TableClient.from_connection_string(address, "state", retry_total=0))
    with pytest.raises(NotSent):
        store.get("k", "x")
    store.close()
