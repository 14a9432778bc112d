"""The canvas of a page: sections, columns, and the web parts that Graph can write (reference 4.7)."""

import uuid

from sandbox.graph.sites.errors import invalid
from sandbox.graph.values import Json

TEXT, STANDARD = "#microsoft.graph.textWebPart", "#microsoft.graph.standardWebPart"
KINDS = {name.lower(): name for name in (TEXT, STANDARD)}  # the pages spell them in both ways
COLUMNS = {
    "none": 1,
    "oneColumn": 1,
    "twoColumns": 2,
    "threeColumns": 3,
    "oneThirdLeftColumn": 2,
    "oneThirdRightColumn": 2,
    "fullWidth": 1,
}
EMPHASES = ("none", "neutral", "soft", "strong")
# The pages name third-party web parts as writable too. Nobody can tell their ids from wrong ones: refused here.
SUPPORTED = {
    "0f087d7f-520e-42b7-89c0-496aaf979d58": "button",
    "2161a1c6-db61-4731-b97c-3cdb303f7cbb": "divider",
    "544dd15b-cf3c-441b-96da-004d5a8cea1d": "video from elsewhere",
    "6410b3b6-d440-4663-8744-378976dc041e": "link preview",
    "7f718435-ee4d-431c-bdbf-9c4ff326f46e": "people",
    "8654b779-4886-46d4-8ffb-b5ed960ee986": "spacer",
    "af8be689-990e-492a-81f7-ba3e4cd3ed9c": "image gallery",
    "b7dd04e1-19ce-4b24-9132-b60a1c2b910d": "document",
    "c70391ea-0b10-4ee9-b2b4-006d3fcad0cd": "quick links",
    "cbe7b0a9-3504-44dd-a3a3-0e5cacd07788": "title area",
    "d1d91016-032f-456d-98a4-721247c305e8": "image",
    "df8e44e7-edd5-46d5-90da-aca1539313b8": "call to action",
    "e377ea37-9047-43b9-8cdb-a761be2f8e09": "map",
    "e84a8ca2-f63c-4fb9-bc0b-d8eef5ccb22b": "organization chart",
}
DATA = ("dataVersion", "description", "properties", "serverProcessedContent", "title")


def canvas(given: object) -> Json:
    """A canvas as it is kept: ids filled in. Raises 400 for unknown members and web parts."""
    layout = _members(given, ("horizontalSections", "verticalSection"), "canvasLayout")
    sections = _list(layout.get("horizontalSections"), "horizontalSections")
    kept: Json = {"horizontalSections": [_section(each, at) for at, each in enumerate(sections, 1)]}
    if layout.get("verticalSection") is not None:
        kept["verticalSection"] = _vertical(layout["verticalSection"])
    return kept


def _members(given: object, known: tuple[str, ...], kind: str) -> Json:
    if not isinstance(given, dict):
        raise invalid(f"A {kind} is an object.")
    members = {name: value for name, value in given.items() if "@" not in name}
    for name in members:
        if name not in (*known, "id"):
            raise invalid(f"The property '{name}' does not exist on type 'microsoft.graph.{kind}'.")
    return members


def _list(given: object, name: str) -> list[object]:
    if given is not None and not isinstance(given, list):
        raise invalid(f"'{name}' is a list.")
    return given or []


def _emphasis(given: Json) -> str:
    said = given.get("emphasis") or "none"
    if said not in EMPHASES:
        raise invalid(f"The emphasis of a section is one of {', '.join(EMPHASES)}.")
    return str(said)


def _section(given: object, at: int) -> Json:
    section = _members(given, ("layout", "emphasis", "columns"), "horizontalSection")
    layout, columns = section.get("layout"), _list(section.get("columns"), "columns")
    if not isinstance(layout, str) or layout not in COLUMNS or len(columns) != COLUMNS[layout]:
        raise invalid("A section has a layout, and as many columns as the layout says.")
    return {
        "layout": layout,
        "id": str(section.get("id", at)),
        "emphasis": _emphasis(section),
        "columns": [_column(each, number) for number, each in enumerate(columns, 1)],
    }


def _column(given: object, at: int) -> Json:
    column = _members(given, ("width", "webparts"), "horizontalSectionColumn")
    width = column.get("width", 12)
    if isinstance(width, bool) or not isinstance(width, int) or not 0 <= width <= 12:
        raise invalid("The width of a column is a number up to 12.")
    parts = [_part(each) for each in _list(column.get("webparts"), "webparts")]
    return {"id": str(column.get("id", at)), "width": width, "webparts": parts}


def _vertical(given: object) -> Json:
    section = _members(given, ("emphasis", "webparts"), "verticalSection")
    parts = [_part(each) for each in _list(section.get("webparts"), "webparts")]
    return {"id": str(section.get("id", "1")), "emphasis": _emphasis(section), "webparts": parts}


def _part(given: object) -> Json:
    kind = given.get("@odata.type") if isinstance(given, dict) else None
    kind = KINDS.get(str(kind).lower())
    if kind == TEXT:
        part = _members(given, ("innerHtml",), "textWebPart")
        if not isinstance(part.get("innerHtml"), str):
            raise invalid("A text web part has an innerHtml.")
        return {"@odata.type": TEXT, "id": _id(part), "innerHtml": part["innerHtml"]}
    if kind is None:
        raise invalid(f"A web part has the '@odata.type' {TEXT} or {STANDARD}.")
    part = _members(given, ("webPartType", "data", "containerTextWebPartId"), "standardWebPart")
    if str(part.get("webPartType")).lower() not in SUPPORTED:
        raise invalid("This type of web part cannot be written through Microsoft Graph.")
    data = _members(part.get("data") or {}, DATA, "webPartData")
    return {"@odata.type": STANDARD, "id": _id(part), "webPartType": part["webPartType"], "data": data}


def _id(part: Json) -> str:
    said = part.get("id")
    return said if isinstance(said, str) and said else str(uuid.uuid4())


def parts(layout: Json) -> list[Json]:
    """All web parts of a canvas, section by section."""
    columns = [column for section in layout.get("horizontalSections", []) for column in section["columns"]]
    return [
        part
        for column in (*columns, layout.get("verticalSection") or {})
        for part in column.get("webparts", [])
    ]
