"""Items as Graph shows them (reference 4.2, 4.4)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from sandbox.graph.sites import columns, expand, items, people, templates
from sandbox.graph.sites.columns import Column
from sandbox.graph.sites.errors import invalid
from sandbox.graph.sites.visits import Visit
from sandbox.graph.values import Json, Row, directory_id, row

MEMBERS = (
    "createdDateTime",
    "eTag",
    "id",
    "lastModifiedDateTime",
    "webUrl",
    "createdBy",
    "lastModifiedBy",
    "parentReference",
    "contentType",
)
HIDDEN = (
    "name",
    "description",
    "sharepointIds",
    "deleted",
    "fields",
)  # may be selected; bring nothing of their own
MOST_LOOKUPS = 12
TOO_MANY = (
    "The query cannot be completed because the number of lookup columns it contains exceeds the lookup"
    " column threshold."
)
SERVICE: dict[str, Callable[["Reader", Row], object]] = {
    "id": lambda _, item: str(item["id"]),
    "ID": lambda _, item: str(item["id"]),
    "ContentType": lambda reader, item: reader.content_type(item)["name"],
    "Modified": lambda _, item: item["modified"],
    "Created": lambda _, item: item["created"],
    "AuthorLookupId": lambda _, item: str(item["author"]),
    "EditorLookupId": lambda _, item: str(item["editor"]),
    "Author": lambda reader, item: reader.person(item["author"]).get("Title"),
    "Editor": lambda reader, item: reader.person(item["editor"]).get("Title"),
    "_UIVersionString": lambda _, item: f"{item['edition']}.0",
    "Attachments": lambda *_: False,
    "Edit": lambda *_: "",
    "LinkTitleNoMenu": lambda _, item: item["fields"].get("Title"),
    "LinkTitle": lambda _, item: item["fields"].get("Title"),
    "ItemChildCount": lambda *_: "0",
    "FolderChildCount": lambda *_: "0",
}
UNASKED = tuple(name for name in SERVICE if name not in ("ID", "Author", "Editor", "id"))


@dataclass(frozen=True)
class Shape:
    """What of an item is shown: its members, and its fields (None: no fields; empty: the default ones)."""

    members: tuple[str, ...] = MEMBERS
    fields: tuple[str, ...] | None = None


@dataclass
class Reader:
    """Shows the items of one list."""

    visit: Visit
    owner: Row
    _looked_up: dict[tuple[str, int], object] = field(default_factory=dict)

    @cached_property
    def columns(self) -> columns.Columns:
        return columns.of(self.visit.db, self.owner)

    @cached_property
    def _people(self) -> dict[int, Json]:
        return people.named(self.visit.db, self.visit.site["id"])

    @cached_property
    def _types(self) -> tuple[Json, Json]:
        owner, template = self.owner["id"], self.owner["template"]
        return tuple(templates.content_type(owner, template, folder) for folder in (False, True))  # type: ignore[return-value]

    def shape(self, select: str | None, expansion: str | None) -> Shape:
        """Read both options. Raises 400 for an unknown member or field, and above 12 lookups."""
        members = expand.members(select, (*MEMBERS, *HIDDEN), "listItem") if select is not None else MEMBERS
        wanted = expand.expansions(expansion, ("fields",))
        if "fields" not in wanted:
            return Shape(members)
        return Shape(members, self.fields_wanted(wanted["fields"].get("$select")))

    def fields_wanted(self, select: str | None) -> tuple[str, ...]:
        """The named fields, empty for the default ones. Raises 400 for an unknown field or too many lookups."""
        named = expand.names(select) or ()
        for name in named:
            # documented guess: the words are those for an unknown field in a write
            if name not in self.columns.by_key and name != "id":
                raise invalid(f"Field '{name}' is not recognized")
        if named:
            asked = {self.columns.by_key[name].name for name in named if self._refers(name)}
        else:
            asked = {column.name for column in self.columns.by_default if column.refers}
        if len(asked) > MOST_LOOKUPS:
            raise invalid(TOO_MANY)
        return named

    def _refers(self, name: str) -> bool:
        column = self.columns.by_key.get(name)
        return column is not None and column.refers

    def item(self, found: Row, shape: Shape) -> Json:
        """One listItem."""
        etag = items.etag(found)
        body: Json = {"@odata.etag": etag}
        everything = self._everything(found, etag)
        body |= {name: everything[name] for name in shape.members if name in everything}
        if shape.fields is not None:
            where = f"sites('{self.visit.site_id}')/lists('{self.owner['id']}')/items('{found['id']}')/fields"
            body["fields@odata.navigationLink"] = where
            body["fields"] = self.fields(found, shape.fields, etag)
        return body

    def _everything(self, found: Row, etag: str) -> Json:
        return {
            "createdDateTime": found["created"],
            "eTag": etag,
            "id": str(found["id"]),
            "lastModifiedDateTime": found["modified"],
            "webUrl": f"{self.visit.web_url}/Lists/{self.owner['name']}/{found['id']}_.000",
            "createdBy": self.identity(found["author"]),
            "lastModifiedBy": self.identity(found["editor"]),
            "parentReference": {"id": self.owner["folder"], "siteId": self.visit.site_id},
            "contentType": self.content_type(found),
        }

    def gone(self, found: Row) -> Json:
        """A deleted item in a feed (reference 4.3)."""
        return {
            "id": str(found["id"]),
            "parentReference": {"siteId": self.visit.site_id},
            "contentType": self.content_type(found),
            "deleted": {"state": "deleted"},
        }

    def content_type(self, found: Row) -> Json:
        """The kind of an item: a folder, or what the list is made for."""
        return self._types[bool(found["folder"])]

    def person(self, number: int) -> Json:
        """The fields of a person; empty for nobody."""
        return self._people.get(number, {})

    def identity(self, number: int) -> Json:
        """Who wrote: a person, or the app."""
        if number == people.APP:
            app = {"id": self.visit.app, "displayName": "Service desk"}
            return {"application": app, "user": {"displayName": people.APP_NAME}}
        fields = self.person(number)
        who = {"displayName": fields.get("Title"), "email": fields.get("EMail")}
        return {"user": who | ({"id": directory_id(fields["EMail"])} if fields.get("EMail") else {})}

    def fields(self, found: Row, named: tuple[str, ...] = (), etag: str | None = None) -> Json:
        """The fieldValueSet: the named fields, or the default ones. Empty fields do not come."""
        body: Json = {"@odata.etag": etag or items.etag(found)}
        if named:
            pairs = ((name, self._value(found, name)) for name in named)
            return body | {name: value for name, value in pairs if value is not None}
        body["id"] = str(found["id"])
        stored = found["fields"]
        for column in self.columns.by_default:
            value = stored.get(column.name)
            if value is not None:
                body[column.name if column.kind.many else column.key] = self._shown(column, value)
        body |= {name: SERVICE[name](self, found) for name in UNASKED}
        return body

    def _value(self, found: Row, name: str) -> object:
        if name in SERVICE:
            return SERVICE[name](self, found)
        column = self.columns.by_key[name]
        value = found["fields"].get(column.name)
        if value is None:
            return None
        if column.refers and not column.kind.many and name == column.name:
            return self._text(column, value)
        return self._shown(column, value)

    def _shown(self, column: Column, value: object) -> object:
        """A stored value as it comes by default."""
        if not column.refers:
            return value
        if column.kind.many:
            return [self._entry(column, each) for each in cast("list[int]", value)]
        return str(value)

    def _entry(self, column: Column, number: int) -> Json:
        entry: Json = {"LookupId": number, "LookupValue": self._text(column, number)}
        return entry | ({"Email": self.person(number).get("EMail")} if column.kind.name == "user" else {})

    def _text(self, column: Column, number: int) -> object:
        if column.kind.name == "user":
            return self.person(number).get("Title")
        key = (column.settings["listId"], number)
        if key not in self._looked_up:
            path = f'$."{column.settings["columnName"]}"'
            sql = "SELECT json_extract(fields, ?) AS text FROM sp_item WHERE list = ? AND id = ?"
            found = row(self.visit.db, sql, path, *key)
            self._looked_up[key] = found["text"] if found else None
        return self._looked_up[key]
