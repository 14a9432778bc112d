"""Load catalogue, directory and knowledge list; a wrong file yields every fault in one go (CAT-1)."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from schemas.catalogue import Catalogue
from schemas.checks import catalogue_faults, directory_faults, knowledge_faults
from schemas.directory import Directory
from schemas.documents import ConfigurationFaults, Document, Fault, Path, read
from schemas.knowledge import KnowledgeList

MISSING = "is missing"


def load_catalogue(text: str) -> Catalogue:
    """The catalogue of a file. Raises ConfigurationFaults with all faults, of form and of meaning."""
    document = read(text, "catalogue")
    content, places = _by_id(document.content, "request_types")
    return _model(Catalogue, content, document, catalogue_faults(document), places)


def load_directory(text: str) -> Directory:
    """The directory of a file. Raises ConfigurationFaults with all faults."""
    document = read(text, "directory")
    return _model(Directory, document.content, document, directory_faults(document), {})


def load_knowledge(text: str) -> KnowledgeList:
    """The knowledge list of a file. Raises ConfigurationFaults with all faults."""
    document = read(text, "knowledge list")
    return _model(KnowledgeList, document.content, document, knowledge_faults(document), {})


def check_together(catalogue: Catalogue, knowledge: KnowledgeList) -> list[Fault]:
    """Articles that request types point to and the knowledge list does not hold (CAT-6).

    What is wrong lies between two files, so that there is no line to name. Empty where all is well.
    """
    known = {article.id for article in knowledge.articles}
    return [
        Fault(
            f"request_types.{kind.id}.knowledge",
            None,
            f"{article!r} is not an article of the knowledge list; correct or remove it",
        )
        for kind in catalogue.request_types.values()
        for article in kind.knowledge
        if article not in known
    ]


def _by_id(content: object, key: str) -> tuple[object, dict[str, int]]:
    """The content with a list of things as a mapping by their ids, and where in the list each stands."""
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        return content, {}
    places: dict[str, int] = {}
    for place, thing in enumerate(content[key]):
        name = thing.get("id") if isinstance(thing, dict) else None
        # The first of two with one id stays; the second is a fault of its own.
        places.setdefault(str(name or f"#{place}"), place)
    return {**content, key: {name: content[key][place] for name, place in places.items()}}, places


def _model[M: BaseModel](
    model: type[M], content: object, document: Document, faults: list[Fault], places: dict[str, int]
) -> M:
    """The model, unless there is any fault of form or one of the given faults of meaning."""
    what = document.what
    try:
        value = model.model_validate(content)
    except ValidationError as error:
        found = [
            document.fault(_place(fault["loc"], places), _words(fault, model))
            for fault in error.errors(include_url=False)
        ]
        raise ConfigurationFaults(what, [*document.faults, *found, *faults]) from None
    if document.faults or faults:
        raise ConfigurationFaults(what, [*document.faults, *faults])
    return value


def _place(location: tuple[int | str, ...], places: dict[str, int]) -> Path:
    if len(location) > 1 and location[0] == "request_types" and location[1] in places:
        return ("request_types", places[str(location[1])], *location[2:])
    return location


def _words(fault: Any, model: type[BaseModel]) -> str:
    kind, value = fault["type"], fault.get("input")
    if kind == "missing":
        return f"{MISSING}; it is one of the facts that must be given"
    if kind == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), _known(model), 1)
        return f"is not a known name{f'; {near[0]!r} is near' if near else ''}; remove or correct it"
    shown = f" (here: {str(value)[:40]!r})" if isinstance(value, str | int | float | bool) else ""
    return f"{fault['msg'].removeprefix('Value error, ')}{shown}"


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
