"""The coverage table of docs/sandbox.md, made from the items in this folder and the tests that show them."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.contract.coverage.markers import TESTS, Shown

HERE = Path(__file__).parent
DOCUMENT = TESTS.parent / "docs" / "sandbox.md"
BEGIN, END = "<!-- coverage:begin -->", "<!-- coverage:end -->"
MOST = 2  # a row names so many tests and counts the rest


@dataclass(frozen=True)
class Item:
    """One piece of behaviour that a reference asks for."""

    id: str
    says: str
    source: str
    offered: bool
    file: str


def areas(folder: Path = HERE) -> dict[str, list[Item]]:
    """The items of every file by its title. Raises `TypeError` for an item with a member too many or too few."""
    found: dict[str, list[Item]] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = yaml.safe_load(path.read_text("utf-8"))
        found.setdefault(document["title"], []).extend(
            Item(file=path.name, **entry) for entry in document["items"]
        )
    return found


def table(items: dict[str, list[Item]], tests: Shown) -> str:
    """All areas as Markdown."""
    return "\n".join(_area(title, rows, tests) for title, rows in items.items())


def _area(title: str, items: list[Item], tests: Shown) -> str:
    head = f"### {title}\n\n| behaviour | source | offered | shown by |\n|---|---|---|---|\n"
    return head + "".join(_row(item, tests.get(item.id, [])) for item in items)


def _row(item: Item, places: list[str]) -> str:
    named = [f"`{place.removeprefix('contract/')}`" for place in places[:MOST]]
    more = [f"{len(places) - MOST} more"] if len(places) > MOST else []
    cells = (item.says, item.source, "yes" if item.offered else "501", "<br>".join([*named, *more]))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def written(document: str, new: str) -> str:
    """The document with the table put between its marks. Raises `ValueError` where they are missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document needs the lines {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n{new}{END}{after}"
