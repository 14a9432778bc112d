"""Every item of behaviour has a test, every marker an item, and the table says what is so."""

from collections import Counter
from pathlib import Path

import pytest

from tests.contract.coverage.markers import shown
from tests.contract.coverage.table import BEGIN, DOCUMENT, END, Item, areas, table, written

ITEMS = [item for items in areas().values() for item in items]
SHOWN = shown()
MODULE = """
import pytest
pytestmark = pytest.mark.covers("all")
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.covers("one"))])
@pytest.mark.covers("two", "one")
def test_it(n): ...
"""


def test_every_item_has_a_test() -> None:
    bare = [f"{item.file}: {item.id} ({item.says})" for item in ITEMS if item.id not in SHOWN]
    assert not bare, "No test has @pytest.mark.covers(...) for:\n" + "\n".join(bare)


def test_every_marker_names_an_item() -> None:
    known = {item.id for item in ITEMS}
    strange = [f"{item}, named by {places[0]}" for item, places in SHOWN.items() if item not in known]
    assert not strange, "No file of tests/contract/coverage has the item:\n" + "\n".join(strange)


def test_the_table_of_the_sandbox_page_is_current() -> None:
    document = DOCUMENT.read_text("utf-8")
    assert written(document, table(areas(), SHOWN)) == document, "run: python -m tests.contract.coverage"


def test_no_two_items_have_the_same_id() -> None:
    counted = Counter(item.id for item in ITEMS)
    assert not [name for name, times in counted.items() if times > 1]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "contract" / "refusals").mkdir(parents=True)
    (tmp_path / "test_a.py").write_text(MODULE)
    refusals = "refusals: [{name: too long, covers: [three]}, {name: other}]"
    (tmp_path / "contract" / "refusals" / "x.yaml").write_text(refusals)
    return tmp_path


def test_markers_are_found_on_tests_parameters_modules_and_refusals(suite: Path) -> None:
    assert shown(suite) == {
        "all": ["test_a.py"],
        "one": ["test_a.py::test_it"],
        "two": ["test_a.py::test_it"],
        "three": ["contract/refusals/x.yaml: too long"],
    }


def test_the_table_names_two_tests_and_counts_the_rest() -> None:
    items = {
        "Mail": [Item("m", "a | b", "graph.md 3", True, "m.yaml"), Item("n", "c", "3.1", False, "m.yaml")]
    }
    said = table(items, {"m": ["contract/a.py::x", "b.py::y", "c.py::z", "d.py"], "n": ["a.py::n"]})
    assert said.endswith(
        "| a \\| b | graph.md 3 | yes | `a.py::x`<br>`b.py::y`<br>2 more |\n| c | 3.1 | 501 | `a.py::n` |\n"
    )


def test_only_what_is_between_the_marks_changes() -> None:
    assert written(f"a\n{BEGIN}\nold\n{END}\nz", "new\n") == f"a\n{BEGIN}\nnew\n{END}\nz"
    with pytest.raises(ValueError, match="coverage:end"):
        written(f"a {BEGIN} old", "new")
