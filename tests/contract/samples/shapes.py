"""Comparing an answer with a sample: the same members with values of the same kind, whatever the values are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "samples" / "dataverse"


def sample(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def differences(wanted: Any, got: Any, path: str = "") -> list[str]:
    """Where the answer lacks a member of the sample or has another kind of value; null may stand for any kind."""
    return list(_differences(wanted, got, path))


def _differences(wanted: Any, got: Any, path: str) -> Iterator[str]:
    if wanted is None or got is None:
        return
    if type(wanted) is not type(got) and not {type(wanted), type(got)} <= {int, float}:
        yield f"{path}: {type(got).__name__} instead of {type(wanted).__name__}"
    elif isinstance(wanted, dict):
        for name, value in wanted.items():
            if name not in got:
                yield f"{path}/{name} is missing"
            else:
                yield from _differences(value, got[name], f"{path}/{name}")
    elif isinstance(wanted, list) and wanted and got:
        yield from _differences(wanted[0], got[0], f"{path}[0]")


def fragment(answer: Any) -> str:
    """What the context says behind the address of the metadata."""
    return str(answer["@odata.context"]).partition("$metadata#")[2]
