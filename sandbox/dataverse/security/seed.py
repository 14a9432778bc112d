"""Roles, privileges and who holds them, as rows of the organisation; at first everybody is an administrator."""

import sqlite3
import uuid
from collections.abc import Callable

from sandbox.dataverse import definitions
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.labels import managed
from sandbox.dataverse.schema import Definition

type Columns = Callable[[Definition, list[str]], list[Definition]]

ADMINISTRATOR = "System Administrator"
# Privileges that belong to no table of rows (Microsoft's list of security privileges).
MISC = (
    "prvActOnBehalfOfAnotherUser", "prvBulkDelete", "prvBypassCustomBusinessLogic", "prvBypassCustomPlugins",
    "prvPublishCustomization", "prvReadAuditSummary",
    *(f"prv{right}{kind}" for kind in ("Entity", "Attribute", "Relationship", "OptionSet", "EntityKey")
      for right in ("Create", "Read", "Write", "Delete")),
)  # fmt: skip
# Right as `privileges.accessright` shows it: the flags of the service.
ACCESS = {"Read": 1, "Write": 2, "Append": 4, "AppendTo": 16, "Create": 32, "Delete": 65536, "Share": 262144}
ACCESS |= {"Assign": 524288}
TABLES = {
    "role": ("Role", "roles", "name:String(100) businessunitid:Lookup(businessunit)"),
    "privilege": ("Privilege", "privileges", "name:String(100) accessright:Integer(0,1048576)"),
}
# Relationship, both tables, intersect table and its entity set.
PAIRS = (
    ("systemuserroles_association", ("systemuser", "role"), "systemuserroles", "systemuserrolescollection"),
    ("teamroles_association", ("team", "role"), "teamroles", "teamrolescollection"),
    ("teammembership_association", ("team", "systemuser"), "teammembership", "teammemberships"),
    ("roleprivileges_association", ("role", "privilege"), "roleprivileges", "roleprivilegescollection"),
)
VIEW = """CREATE VIEW row_privilege AS
    SELECT json_extract(p.value, '$.PrivilegeId') AS privilegeid, json_extract(p.value, '$.Name') AS name,
        r.mask AS accessright, NULL AS createdon, NULL AS modifiedon, NULL AS overriddencreatedon,
        NULL AS createdby, NULL AS modifiedby, NULL AS createdonbehalfby, NULL AS modifiedonbehalfby,
        1000 AS versionnumber
    FROM dv_definitions d, json_each(d.body, '$.Privileges') p
    JOIN dv_rights r ON r.name = json_extract(p.value, '$.PrivilegeType')
    WHERE d.kind = 'entity'
    UNION ALL
    SELECT privilegeid, name, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1000 FROM dv_misc_privileges"""


def associations(catalogue: Catalogue, intersect_columns: Columns) -> None:
    """Keep the many-to-many relationships between users, teams, roles and privileges."""
    for name, sides, intersect, entity_set in PAIRS:
        posted = {"SchemaName": intersect, "EntitySetName": entity_set, "OwnershipType": "None"}
        table = definitions.entity(posted, catalogue.next_type_code(), custom=False)
        table |= {"IsIntersect": True, "PrimaryNameAttribute": None}
        ids = [f"{side}id" for side in sides]
        columns = intersect_columns(table, ids)
        if intersect == "roleprivileges":
            mask: Definition = {"@odata.type": "IntegerAttributeMetadata", "SchemaName": "privilegedepthmask"}
            mask |= {"MinValue": 0, "MaxValue": 15, "IsValidForCreate": False, "IsValidForUpdate": False}
            columns.append(definitions.attribute(intersect, mask, custom=False))
        catalogue.add_table(table, columns)
        catalogue.add_association(_association(name, sides, intersect))


def _association(name: str, sides: tuple[str, str], intersect: str) -> Definition:
    ends: Definition = {}
    for end, side in enumerate(sides, 1):
        ends |= {
            f"Entity{end}LogicalName": side,
            f"Entity{end}IntersectAttribute": f"{side}id",
            f"Entity{end}NavigationPropertyName": name,
        }
    return {
        "@odata.type": f"{definitions.NAMESPACE}ManyToManyRelationshipMetadata",
        "MetadataId": str(uuid.uuid4()),
        "HasChanged": None,
        "SchemaName": name,
        "RelationshipType": "ManyToManyRelationship",
        "IsCustomRelationship": False,
        "IsManaged": True,
        "IsCustomizable": managed(False, "iscustomizable"),
        "IntroducedVersion": "5.0.0.0",
        "IntersectEntityName": intersect,
        **ends,
    }


def first_rows(connection: sqlite3.Connection, space: uuid.UUID, unit: str, holders: dict[str, str]) -> None:
    """Put in the administrators' role and who holds it: `holders` are ids of a user and a team by table."""
    connection.execute("CREATE TABLE dv_rights (name TEXT PRIMARY KEY, mask INTEGER NOT NULL)")
    connection.executemany("INSERT INTO dv_rights VALUES (?, ?)", ACCESS.items())
    connection.execute("CREATE TABLE dv_misc_privileges (privilegeid TEXT PRIMARY KEY, name TEXT NOT NULL)")
    misc = [(str(uuid.uuid5(space, name)), name) for name in MISC]
    connection.executemany("INSERT INTO dv_misc_privileges VALUES (?, ?)", misc)
    connection.execute("DROP TABLE row_privilege")
    connection.execute(VIEW)
    role = str(uuid.uuid5(space, ADMINISTRATOR))
    connection.execute(
        "INSERT INTO row_role (roleid, name, businessunitid, versionnumber) VALUES (?, ?, ?, 1000)",
        (role, ADMINISTRATOR, unit),
    )
    for table, holder in holders.items():
        pair = f"{table}roles"
        connection.execute(
            f"INSERT INTO row_{pair} ({pair}id, {table}id, roleid, versionnumber) VALUES (?, ?, ?, 1000)",
            (str(uuid.uuid4()), holder, role),
        )
