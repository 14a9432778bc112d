"""Load catalogue, directory and knowledge list; a wrong file yields every fault in one go (CAT-1)."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas.catalogue import Catalogue
from schemas.checks import catalogue_faults, directory_faults, knowledge_faults
from schemas.directory import Directory
from schemas.documents import ConfigurationFaults, Document, Path, read
from schemas.knowledge import KnowledgeList

MISSING = "is missing"


def load_catalogue(text: str) -> Catalogue:
    """The catalogue of a file. Raises ConfigurationFaults with all faults, of form and of meaning."""
    document = read(text, "catalogue")
    names = _by_id(document, "request_types")
    catalogue = _model(Catalogue, document, "catalogue", names)
    faults = catalogue_faults(catalogue, document, names)
    if faults:
        raise ConfigurationFaults("catalogue", faults)
    return catalogue


def load_directory(text: str) -> Directory:
    """The directory of a file. Raises ConfigurationFaults with all faults."""
    document = read(text, "directory")
    directory = _model(Directory, document, "directory", {})
    faults = directory_faults(directory, document)
    if faults:
        raise ConfigurationFaults("directory", faults)
    return directory


def load_knowledge(text: str) -> KnowledgeList:
    """The knowledge list of a file. Raises ConfigurationFaults with all faults."""
    document = read(text, "knowledge list")
    knowledge = _model(KnowledgeList, document, "knowledge list", {})
    faults = knowledge_faults(knowledge, document)
    if faults:
        raise ConfigurationFaults("knowledge list", faults)
    return knowledge


def _by_id(document: Document, key: str) -> dict[str, int]:
    """Turn a list of things with ids into a mapping; where each stood is kept for the messages."""
    content = document.content
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        return {}
    places: dict[str, int] = {}
    things: dict[str, object] = {}
    for place, thing in enumerate(content[key]):
        name = str(thing.get("id", f"#{place}")) if isinstance(thing, dict) else f"#{place}"
        if name in places:
            document.faults.append(
                document.fault((key, place, "id"), f"{name} stands twice; ids are used once")
            )
            continue
        places[name], things[name] = place, thing
    content[key] = things
    return places


def _model[M: BaseModel](model: type[M], document: Document, what: str, names: dict[str, int]) -> M:
    try:
        value = model.model_validate(document.content)
    except ValidationError as error:
        found = [
            document.fault(_place(fault["loc"], names), _words(fault, model))
            for fault in error.errors(include_url=False)
        ]
        raise ConfigurationFaults(what, [*document.faults, *found]) from None
    if document.faults:
        raise ConfigurationFaults(what, document.faults)
    return value


def _place(location: tuple[int | str, ...], names: dict[str, int]) -> Path:
    if len(location) > 1 and location[0] == "request_types" and location[1] in names:
        return ("request_types", names[str(location[1])], *location[2:])
    return location


def _words(fault: Any, model: type[BaseModel]) -> str:
    kind, value = fault["type"], fault.get("input")
    if kind == "missing":
        return f"{MISSING}; it is one of the facts that must be given"
    if kind == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), _known(model), 1)
        return f"is not a known name{f'; {near[0]!r} is near' if near else ''}; remove or correct it"
    shown = f" (here: {str(value)[:40]!r})" if isinstance(value, str | int | float | bool) else ""
    return f"{fault['msg']}{shown}"


def _known(model: type[BaseModel]) -> list[str]:
    """Every name that may stand in the file, for the hint at a typing error."""
    names: set[str] = set()

    def walk(schema: object) -> None:
        if isinstance(schema, dict):
            names.update(schema.get("properties", {}))
            for part in schema.values():
                walk(part)
        elif isinstance(schema, list):
            for part in schema:
                walk(part)

    walk(model.model_json_schema())
    return sorted(names)
