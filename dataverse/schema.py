"""The tables of Plumbline as data: the one source of provisioning, row models and reference documents.

The files in `dataverse/tables/` are read once and checked whole; a wrong definition names every fault.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import ValidationError

from dataverse.definitions import Choice, Column, Key, Option, Schema, Table
from dataverse.schema_checks import faults_of
from sync.errors import ConfigurationError

__all__ = ["Choice", "Column", "Key", "Option", "Schema", "Table", "choice", "load_schema", "read_schema"]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The quick reader where it was built; both read data only."""

type _Content = dict[str, dict[str, object]]


@cache
def load_schema() -> Schema:
    """The tables and choices that come with Plumbline. Raises ConfigurationError with every fault."""
    folder = files("dataverse") / "tables"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return read_schema({name: (folder / name).read_text("utf-8") for name in names})


def choice(name: str) -> Choice:
    """A global choice of the shipped schema. Raises KeyError."""
    return load_schema().choice(name)


def read_schema(texts: Mapping[str, str]) -> Schema:
    """A schema from file names and their YAML; `common.yaml` holds what every table has.

    Raises ConfigurationError with every fault of form, or, where the form is right, of meaning.
    """
    contents = {name: yaml.load(text, Loader=LOADER) or {} for name, text in texts.items()}  # noqa: S506
    common = contents.pop("common.yaml", {})
    faults: list[str] = []
    tables = dict(_tables(contents, common, faults))
    choices = dict(_choices(contents, faults))
    if not faults:
        faults = faults_of(schema := Schema.model_construct(tables=tables, choices=choices))
    if faults:
        raise ConfigurationError("The table definitions are wrong:\n" + "\n".join(f"- {f}" for f in faults))
    return schema


def _tables(
    contents: Mapping[str, _Content], common: Mapping[str, object], faults: list[str]
) -> Iterator[tuple[str, Table]]:
    for name, raw in _sections(contents, "tables", faults):
        columns = {**_mapping(common.get("columns")), **_mapping(raw.get("columns"))}
        keys = [*_list(common.get("keys")), *_list(raw.get("keys"))]
        named = [{"name": column, **_mapping(body)} for column, body in columns.items()]
        try:
            yield name, Table.model_validate({**raw, "name": name, "columns": named, "keys": keys})
        except ValidationError as error:
            faults += _words(name, error, list(columns))


def _choices(contents: Mapping[str, _Content], faults: list[str]) -> Iterator[tuple[str, Choice]]:
    for name, raw in _sections(contents, "choices", faults):
        try:
            yield name, Choice.model_validate({**raw, "id": name})
        except ValidationError as error:
            faults += _words(name, error, [])


def _sections(
    contents: Mapping[str, _Content], section: str, faults: list[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    seen: dict[str, str] = {}
    for file, content in contents.items():
        for name, raw in _mapping(content.get(section)).items():
            if name in seen:
                faults.append(f"{name} stands in {seen[name]} and in {file}; names are used once")
            seen[name] = file
            yield name, _mapping(raw)


def _words(name: str, error: ValidationError, columns: list[str]) -> list[str]:
    return [
        f"{_place(name, fault['loc'], columns)}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
        for fault in error.errors(include_url=False)
    ]


def _place(name: str, location: tuple[int | str, ...], columns: list[str]) -> str:
    match location:
        case ("columns", int(number), *rest):
            return ".".join([name, columns[number], *map(str, rest)])
        case _:
            return ".".join([name, *map(str, location)])


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
