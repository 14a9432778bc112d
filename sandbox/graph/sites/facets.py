"""What a column can be: its facet with its members, and what the server fills in (reference 4.5)."""

import re
from typing import NamedTuple

from sandbox.graph.errors import not_offered
from sandbox.graph.sites.errors import invalid
from sandbox.graph.values import Json

NUMBER = (int, float)
# Members by facet, with their types. Closed types: anything else is refused.
FACETS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "text": {
        "allowMultipleLines": bool,
        "appendChangesToExistingText": bool,
        "linesForEditing": int,
        "maxLength": int,
        "textType": str,
    },
    "number": {"decimalPlaces": str, "displayAs": str, "maximum": NUMBER, "minimum": NUMBER},
    "currency": {"locale": str},
    "boolean": {},
    "choice": {"allowTextEntry": bool, "choices": list, "displayAs": str},
    "dateTime": {"displayAs": str, "format": str},
    "personOrGroup": {"allowMultipleSelection": bool, "chooseFromType": str, "displayAs": str},
    "lookup": {
        "allowMultipleValues": bool,
        "allowUnlimitedLength": bool,
        "columnName": str,
        "listId": str,
        "primaryLookupColumnId": str,
    },
    "hyperlinkOrPicture": {"isPicture": bool},
    "calculated": {"format": str, "formula": str, "outputType": str},
}
ELSEWHERE = ("term", "thumbnail", "geolocation", "contentApprovalStatus")
FILLED: dict[str, Json] = {
    "text": {
        "allowMultipleLines": False,
        "appendChangesToExistingText": False,
        "linesForEditing": 0,
        "maxLength": 255,
        "textType": "plain",
    },
    "number": {"decimalPlaces": "automatic", "displayAs": "number"},
    "currency": {"locale": "en-us"},
    "choice": {"allowTextEntry": False, "choices": [], "displayAs": "dropDownMenu"},
    "dateTime": {"displayAs": "default", "format": "dateTime"},
    "personOrGroup": {
        "allowMultipleSelection": False,
        "chooseFromType": "peopleOnly",
        "displayAs": "nameWithPresence",
    },
    "lookup": {"allowMultipleValues": False, "allowUnlimitedLength": False, "columnName": "Title"},
    "hyperlinkOrPicture": {"isPicture": False},
    "calculated": {"outputType": "text"},
}
PLACES = ("automatic", "none", "one", "two", "three", "four", "five")
CHOSEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("text", "textType"): ("plain", "richText"),
    ("number", "decimalPlaces"): PLACES,
    ("number", "displayAs"): ("number", "percentage"),
    ("choice", "displayAs"): ("checkBoxes", "dropDownMenu", "radioButtons"),
    ("dateTime", "displayAs"): ("default", "friendly", "standard"),
    ("dateTime", "format"): ("dateOnly", "dateTime"),
    ("personOrGroup", "chooseFromType"): ("peopleAndGroups", "peopleOnly"),
    ("calculated", "outputType"): ("boolean", "currency", "dateTime", "number", "text"),
}


class Kind(NamedTuple):
    """The kind of a column: its name among `columnTypes`, and whether it holds several values."""

    name: str
    many: bool = False


def read(body: Json) -> tuple[str, Json]:
    """The one facet of a column definition, filled up. Raises 400 for none, several, or a wrong member."""
    given = [name for name in (*FACETS, *ELSEWHERE) if body.get(name) is not None]
    if len(given) != 1:
        raise invalid(
            "A column definition has exactly one type facet such as text, number or choice"
            + (f"; this one has {', '.join(given)}." if given else ".")
        )
    name = given[0]
    if name in ELSEWHERE:
        raise not_offered(f"columns of the type '{name}'")
    settings = FILLED.get(name, {}) | checked(name, body[name])
    if settings.get("allowMultipleLines"):
        settings["maxLength"] = checked(name, body[name]).get("maxLength", 0)  # no limit of its own
    return name, settings


def checked(name: str, facet: object) -> Json:
    """The members of a facet. Raises 400 for a wrong name, type or word."""
    if not isinstance(facet, dict):
        raise invalid(f"The facet '{name}' is an object.")
    members = {member: value for member, value in facet.items() if "@" not in member and value is not None}
    for member, value in members.items():
        kind = FACETS[name].get(member)
        if kind is None:
            raise invalid(f"The property '{member}' does not exist on the facet '{name}'.")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise invalid(f"The property '{member}' of the facet '{name}' has the wrong type.")
        words = CHOSEN.get((name, member), ())
        if words and value not in words:
            raise invalid(f"The property '{member}' of '{name}' is one of {', '.join(words)}.")
    if not all(isinstance(choice, str) and choice for choice in members.get("choices", [])):
        raise invalid("The choices of a column are texts.")
    return members


def kind(name: str | None, facet: Json) -> Kind:
    """The kind that a facet makes."""
    many = bool(facet.get("allowMultipleSelection") or facet.get("allowMultipleValues"))
    match name:
        case "text":
            return Kind("note" if facet["allowMultipleLines"] else "text")
        case "choice":
            several = facet["displayAs"] == "checkBoxes"
            return Kind("multichoice" if several else "choice", several)
        case "personOrGroup":
            return Kind("user", many)
        case "lookup":
            return Kind("lookup", many)
        case "hyperlinkOrPicture":
            return Kind("url")
        case None:
            return Kind("computed")
    return Kind(name)


def internal_name(name: str) -> str:
    """The internal name that a column keeps for life: other signs than letters, digits and `_` are encoded."""
    return re.sub(r"[^A-Za-z0-9_]", lambda sign: f"_x{ord(sign.group()):04x}_", name)[:32]
