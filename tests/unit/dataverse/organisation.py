"""An organisation that keeps definitions in memory and refuses what the metadata endpoints refuse."""

import re
from copy import deepcopy
from dataclasses import dataclass, field
from urllib.parse import unquote
from uuid import uuid4

from dataverse.operations import Operation, Result
from sync.errors import NotFound, PreconditionFailed, Rejected

TABLE = re.compile(r"^EntityDefinitions\(LogicalName='(\w+)'\)")
COLUMN = re.compile(r"/Attributes\(LogicalName='(\w+)'\)$")


def refused(code: str) -> Rejected:
    return Rejected("refused", status=400, code=code)


@dataclass
class FakeOrganisation:
    """`built_after`: looks at key states until an index is built. `dies_after`: writes until the line is cut."""

    rows: dict[str, dict[str, dict[str, object]]] = field(
        default_factory=lambda: {"publishers": {}, "solutions": {}}
    )
    choices: dict[str, dict[str, object]] = field(default_factory=dict)
    tables: dict[str, dict[str, object]] = field(default_factory=dict)
    writes: list[Operation] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    built_after: int = 1
    language: int = 1033
    failing_keys: set[str] = field(default_factory=set)
    dies_after: int | None = None

    def get(self, path: str, *, consistency_strong: bool = False) -> dict[str, object]:
        self.reads.append(path)
        if path == "EntityDefinitions(LogicalName='systemuser')?$select=DisplayName":
            return {"DisplayName": {"UserLocalizedLabel": {"Label": "User", "LanguageCode": self.language}}}
        if path == "GlobalOptionSetDefinitions":
            return {"value": deepcopy(list(self.choices.values()))}
        if path.startswith("EntityDefinitions?"):
            return {"value": [self._read_table(name) for name in self._wanted(path)]}
        if column := COLUMN.search(path):
            return deepcopy(self._columns(self._named(path))[column[1]])
        if TABLE.match(path):
            return deepcopy(self._named(path))
        rows = self.rows[path.partition("?")[0]]
        name = unquote(path).rpartition("eq '")[2].rstrip("'")
        return {"value": [row for row in rows.values() if row["uniquename"] == name]}

    def send(self, operation: Operation) -> Result:
        if self.dies_after is not None and len(self.writes) >= self.dies_after:
            raise ConnectionResetError
        if operation.method == "GET":  # whether the data routes know a table: here they always do
            return Result(status=200, row={"value": []}, etag=None, entity_id=None)
        self._write(operation)
        self.writes.append(operation)
        return Result(status=204, row=None, etag=None, entity_id=None)

    def _write(self, operation: Operation) -> None:
        body = dict(operation.body or {})
        if operation.method == "PATCH":
            return self._create_row(operation.path, body)
        assert operation.headers["MSCRM.SolutionUniqueName"] == "plumbline"
        if operation.method == "PUT":
            return self._replace(operation, body)
        match operation.path:
            case "EntityDefinitions":
                self._create_table(body)
            case "GlobalOptionSetDefinitions":
                self._create_choice(body)
            case "RelationshipDefinitions":
                self._add_column(self._table(str(body["ReferencingEntity"])), self._lookup(body))
            case "InsertOptionValue":
                self._options(str(body["OptionSetName"])).append({"Value": body["Value"]})
            case "PublishXml" | "ReactivateEntityKey":
                self.failing_keys.discard(str(body.get("EntityKeyLogicalName")))
            case path if path.endswith("/Attributes"):
                self._add_column(self._named(path), body)
            case path if path.endswith("/Keys"):
                self._add_key(self._named(path), body)
            case path:
                raise NotFound(f"no {path}", status=404)
        return None

    def _create_row(self, path: str, row: dict[str, object]) -> None:
        entity_set, _, row_id = path.rstrip(")").partition("(")
        if row_id in self.rows[entity_set]:
            raise PreconditionFailed("exists", status=412)
        self.rows[entity_set][row_id] = {**row, f"{entity_set[:-1]}id": row_id}

    def _create_table(self, body: dict[str, object]) -> None:
        name = str(body["SchemaName"]).lower()
        if name in self.tables:
            raise refused("0x8004700b")
        columns: list[dict[str, object]] = body.pop("Attributes")  # type: ignore[assignment]
        assert [c for c in columns if c.get("IsPrimaryName")], "a table needs its primary name"
        self.tables[name] = {**body, "LogicalName": name, "PrimaryNameAttribute": "plb_name"}
        self.tables[name] |= {"Attributes": {}, "Keys": {}}
        for column in columns:
            self._add_column(self.tables[name], column)

    def _create_choice(self, body: dict[str, object]) -> None:
        if body["Name"] in self.choices:
            raise refused("0x80044345")
        self.choices[str(body["Name"])] = {**body, "MetadataId": str(uuid4())}

    def _lookup(self, body: dict[str, object]) -> dict[str, object]:
        self._table(str(body["ReferencedEntity"]))
        return {**body["Lookup"], "Targets": [body["ReferencedEntity"]]}  # type: ignore[dict-item]

    def _add_column(self, table: dict[str, object], body: dict[str, object]) -> None:
        name = str(body["SchemaName"]).lower()
        if name in self._columns(table):
            raise refused("0x80047013")
        kind = str(body["@odata.type"]).rpartition(".")[2].removesuffix("AttributeMetadata")
        if kind == "Picklist":
            bound = str(body.pop("GlobalOptionSet@odata.bind"))
            assert any(f"({choice['MetadataId']})" in bound for choice in self.choices.values())
        self._columns(table)[name] = {**body, "LogicalName": name, "AttributeType": kind}

    def _add_key(self, table: dict[str, object], body: dict[str, object]) -> None:
        keys: dict[str, dict[str, object]] = table["Keys"]  # type: ignore[assignment]
        if body["SchemaName"] in keys:
            raise refused("0x80060893")
        keys[str(body["SchemaName"])] = {**body, "LogicalName": body["SchemaName"], "looked": 0}

    def _replace(self, operation: Operation, body: dict[str, object]) -> None:
        assert operation.headers["MSCRM.MergeLabels"] == "true"
        table = self._named(operation.path)
        column = COLUMN.search(operation.path)
        target = self._columns(table)[column[1]] if column else table
        assert set(target) - {"looked"} <= set(body), "a definition is replaced as a whole"
        target.update(body)

    def _read_table(self, name: str) -> dict[str, object]:
        table = deepcopy(self.tables[name])
        return {
            **table,
            "Attributes": list(self._columns(table).values()),
            "Keys": [self._read_key(key) for key in self.tables[name]["Keys"].values()],  # type: ignore[attr-defined]
        }

    def _read_key(self, key: dict[str, object]) -> dict[str, object]:
        key["looked"] = int(str(key["looked"])) + 1
        built = "Active" if int(str(key["looked"])) > self.built_after else "Pending"
        status = "Failed" if key["LogicalName"] in self.failing_keys else built
        return {**key, "EntityKeyIndexStatus": status}

    def _wanted(self, path: str) -> list[str]:
        names = re.findall(r"LogicalName eq '(\w+)'", unquote(path))
        return [name for name in names if name in self.tables]

    def _named(self, path: str) -> dict[str, object]:
        found = TABLE.match(path)
        assert found is not None
        return self._table(found[1])

    def _table(self, name: str) -> dict[str, object]:
        if name not in self.tables:
            raise NotFound(f"no {name}", status=404)
        return self.tables[name]

    def _columns(self, table: dict[str, object]) -> dict[str, dict[str, object]]:
        return table["Attributes"]  # type: ignore[return-value]

    def _options(self, choice: str) -> list[object]:
        return self.choices[choice]["Options"]  # type: ignore[return-value]
