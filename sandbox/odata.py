"""`$filter` texts as trees of `odata_query`.

The grammar takes as long to load as a whole service, and a tenant wants to be ready soon: it is loaded at the
first filter, and so are the modules that compare with its classes."""

from functools import lru_cache
from typing import Any


class Unreadable(Exception):
    """A text that is no filter; the words say why."""


@lru_cache(maxsize=256)
def tree(text: str) -> Any:
    """Give the tree of a filter; it is shared and must stay as it is. Raises `Unreadable`."""
    from odata_query.exceptions import ODataException  # noqa: PLC0415
    from odata_query.grammar import ODataLexer, ODataParser  # noqa: PLC0415

    try:
        return ODataParser().parse(ODataLexer().tokenize(text))
    except ODataException as exc:
        raise Unreadable(str(exc)) from exc
