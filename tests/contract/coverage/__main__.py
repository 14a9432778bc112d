"""`python -m tests.contract.coverage` writes the coverage table of docs/sandbox.md anew."""

from tests.contract.coverage.markers import shown
from tests.contract.coverage.table import DOCUMENT, areas, table, written

DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8"), table(areas(), shown())), "utf-8")
