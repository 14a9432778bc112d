"""Single-value extended properties (reference 3.8): the type and GUID in any case, the name exactly."""

import re
from sqlite3 import Connection

from sandbox.graph.errors import bad
from sandbox.graph.values import Json, row

GUID = r"\{[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}"
KINDS = r"(?:String|Integer|Boolean|SystemTime|CLSID|Binary|Double|Long|Short|Float|Currency|ApplicationTime)"
SHAPE = re.compile(rf"^({KINDS}) (?:({GUID}) (?:Name (\S.*)|Id (0x[0-9a-fA-F]+))|(0x[0-9a-fA-F]+))$")

WHOLE, DECIMAL = re.compile(r"-?\d{1,19}"), re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
VALUES = {
    "Integer": WHOLE,
    "Long": WHOLE,
    "Short": re.compile(r"-?\d{1,5}"),
    "Double": DECIMAL,
    "Float": DECIMAL,
    "Currency": DECIMAL,
    "ApplicationTime": DECIMAL,
    "Boolean": re.compile(r"true|false|0|1", re.I),
    "SystemTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)"),
    "CLSID": re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?"),
    "Binary": re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"),
}

SQL = "SELECT value FROM graph_property WHERE message = ? AND name = ?"
SIZE = "Integer 0xe08"  # PidTagMessageSize (MS-OXPROPS)
CLASS = "String 0x1a"  # PidTagMessageClass
CLASS_SQL = """SELECT coalesce(json_extract(doc, '$.messageClass'), 'IPM.Note') AS value FROM graph_message
    WHERE immutable_id = ? AND ? IS NOT NULL"""
SIZE_SQL = """SELECT CAST(length(mime) AS TEXT) AS value FROM graph_message
    WHERE immutable_id = ? AND mime IS NOT NULL AND ? IS NOT NULL"""


def key(name: object) -> str:
    """The id of a property in the form it is compared in. Raises 400 for anything else."""
    match = SHAPE.match(name) if isinstance(name, str) else None
    if match is None:
        raise bad("The extended property id is not valid.", "ErrorInvalidPropertyId")
    kind, guid, named, numbered, tagged = match.groups()
    if guid is None:
        return f"{kind} {hex(int(tagged, 16))}"
    return f"{kind} {guid.lower()} " + (f"Name {named}" if named else f"Id {hex(int(numbered, 16))}")


def write(db: Connection, message: str, wanted: object) -> None:
    """Set every property of a list of {id, value}."""
    if not isinstance(wanted, list) or not all(isinstance(entry, dict) for entry in wanted):
        raise bad("singleValueExtendedProperties is a list of id and value.")
    for entry in wanted:
        if not isinstance(entry.get("value"), str):
            raise bad("The value of an extended property is a string.")
        name = key(entry.get("id"))
        check_value(name, entry["value"])
        sql = "INSERT OR REPLACE INTO graph_property VALUES (?, ?, ?)"
        db.execute(sql, (message, name, entry["value"]))


def check_value(name: str, value: str) -> None:
    """Raises 400 for a text that does not spell a value of the type in the property's id."""
    kind = name.partition(" ")[0]
    if kind in VALUES and not VALUES[kind].fullmatch(value):
        # documented guess: the code
        raise bad(
            f"The value of an extended property of the type {kind} cannot be read.", "ErrorInvalidProperty"
        )


def read(db: Connection, message: str, names: tuple[str, ...]) -> list[Json]:
    """Those of the named properties that the message has; size and class are computed."""
    computed = {SIZE: SIZE_SQL, CLASS: CLASS_SQL}
    found = ((name, row(db, computed.get(key(name), SQL), message, key(name))) for name in names)
    return [{"id": name, "value": value["value"]} for name, value in found if value]
