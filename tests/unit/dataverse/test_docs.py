"""The reference of tables is what the definitions say."""

from pathlib import Path

from dataverse.docs import render
from dataverse.schema import load_schema

REFERENCE = Path(__file__).parents[3] / "docs" / "tables.md"


def test_the_committed_reference_is_current() -> None:
    assert REFERENCE.read_text("utf-8") == render(load_schema()), (
        "run: python -m dataverse.docs docs/tables.md"
    )


def test_every_column_stands_in_the_reference() -> None:
    text = render(load_schema())
    for table in load_schema().tables.values():
        assert f"## {table.name}\n" in text
        assert all(f"| `{column.name}` |" in text for column in table.columns)


def test_links_lead_to_the_heading_of_the_choice() -> None:
    text = render(load_schema())
    assert "(#choice-plb_casestatus)" in text
    assert "## Choice plb_casestatus\n" in text
