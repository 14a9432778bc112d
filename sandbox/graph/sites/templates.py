"""The columns that a new list has by its template. Ids of service columns are the same in every list."""

import uuid
from sqlite3 import Connection

from sandbox.graph.sites import columns
from sandbox.graph.sites.facets import FILLED
from sandbox.graph.values import Json

GENERIC, PAGES, PEOPLE = "genericList", "webPageLibrary", "userInformation"
ITEM, FOLDER, PAGE, PERSON = "Item", "Folder", "Site Page", "Person"
NAMESPACE = uuid.UUID("1b3f2a60-6f0e-5d0b-9a56-0d7f6b1c2e11")
TYPES = {
    GENERIC: (("0x01", ITEM), ("0x0120", FOLDER)),
    PAGES: (("0x0101009D1CB255DA76424F860D91F20E6C4118", PAGE), ("0x0120", FOLDER)),
    PEOPLE: (("0x010A", PERSON), ("0x0120", FOLDER)),
}
TEXT = {"text": FILLED["text"]}
NOTE = {"text": FILLED["text"] | {"allowMultipleLines": True, "maxLength": 0}}
BASE: Json = {
    "columnGroup": "Custom Columns",
    "description": "",
    "required": False,
    "hidden": False,
    "readOnly": False,
    "indexed": False,
    "enforceUniqueValues": False,
    "service": False,
}
LOOKUP = {"lookup": FILLED["lookup"]}
MOMENT = {"dateTime": FILLED["dateTime"]}
SOMEBODY = {"personOrGroup": FILLED["personOrGroup"]}
# name, display name, facet, and what differs from a read-only service column
SERVICE: tuple[tuple[str, str, Json], ...] = (
    ("ID", "ID", {"number": FILLED["number"], "indexed": True}),
    ("ContentType", "Content Type", TEXT | {"readOnly": False}),
    ("Modified", "Modified", MOMENT),
    ("Created", "Created", MOMENT),
    ("Author", "Created By", SOMEBODY),
    ("Editor", "Modified By", SOMEBODY),
    ("_UIVersionString", "Version", TEXT),
    ("Attachments", "Attachments", {"boolean": {}, "readOnly": False}),
    ("Edit", "Edit", {}),
    ("LinkTitleNoMenu", "Title", {}),
    ("LinkTitle", "Title", {}),
    ("ItemChildCount", "Item Child Count", LOOKUP),
    ("FolderChildCount", "Folder Child Count", LOOKUP),
)
OWN: dict[str, tuple[tuple[str, str, Json], ...]] = {
    GENERIC: (("Title", "Title", TEXT | {"required": True}),),
    PAGES: (
        ("Title", "Title", TEXT),
        ("FileLeafRef", "Name", TEXT | {"required": True}),
        ("CanvasContent1", "Authoring Canvas Content", NOTE | {"hidden": True}),
    ),
    PEOPLE: (  # documented guess: which of its columns are indexed
        ("Title", "Name", TEXT | {"required": True}),
        ("Name", "Account", TEXT | {"indexed": True, "readOnly": True}),
        ("EMail", "Work email", TEXT | {"indexed": True}),
        ("UserName", "User name", TEXT),
    ),
}


def definition(display_name: str, given: Json) -> Json:
    """The stored document of a column, from what differs from an ordinary one."""
    return BASE | {"displayName": display_name} | given


def furnish(db: Connection, owner: str, template: str) -> None:
    """Give a new list its columns."""
    for name, display_name, given in OWN[template]:
        columns.add(db, owner, name, definition(display_name, given), fixed_id(name))
    for name, display_name, given in SERVICE:
        doc = definition(display_name, {"readOnly": True, "service": True, "columnGroup": "_Hidden"} | given)
        columns.add(db, owner, name, doc, fixed_id(name))


def fixed_id(name: str) -> str:
    """The id of a built-in column."""
    return str(uuid.uuid5(NAMESPACE, name))


def content_type(owner_id: str, template: str, folder: bool) -> Json:
    """The contentTypeInfo of an item: the type of the list derives from the site's by the list's own part."""
    stem, name = TYPES[template][1 if folder else 0]
    return {"id": f"{stem}00{uuid.UUID(owner_id).hex.upper()}", "name": name}
