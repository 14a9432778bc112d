"""What a new organisation has before anybody creates anything: system columns, system tables, first rows."""

import sqlite3
import uuid
from dataclasses import dataclass

from sandbox.authority import Identity
from sandbox.dataverse import definitions, messages
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.labels import label, managed
from sandbox.dataverse.schema import Definition
from sandbox.dataverse.security import seed as security
from sandbox.store import Store

FIRST_VERSION = 1000
SYSTEM_TABLES: dict[str, tuple[str, str, str]] = {
    "businessunit": ("BusinessUnit", "businessunits", "name:String(160)"),
    "systemuser": (
        "SystemUser",
        "systemusers",
        (
            "fullname:String(200) domainname:String(1024) internalemailaddress:String(100) "
            "applicationid:Uniqueidentifier azureactivedirectoryobjectid:Uniqueidentifier isdisabled:Boolean "
            "businessunitid:Lookup(businessunit)"
        ),
    ),
    "team": (
        "Team",
        "teams",
        (
            "name:String(160) description:Memo(2000) azureactivedirectoryobjectid:Uniqueidentifier "
            "businessunitid:Lookup(businessunit)"
        ),
    ),
    "organization": (
        "Organization",
        "organizations",
        "name:String(160) expirechangetrackingindays:Integer(0,365)",
    ),
    "account": (
        "Account",
        "accounts",
        "name:String(160) accountnumber:String(20) emailaddress1:String(100) description:Memo(2000)",
    ),
    "contact": (
        "Contact",
        "contacts",
        (
            "fullname:String(160) firstname:String(50) lastname:String(50) emailaddress1:String(100) "
            "parentcustomerid:Customer(account,contact)"
        ),
    ),
    "publisher": (
        "Publisher",
        "publishers",
        (
            "friendlyname:String(256) uniquename:String(256) description:Memo(2000) customizationprefix:String(8) "
            "customizationoptionvalueprefix:Integer(10000,99999)"
        ),
    ),
    "solution": (
        "Solution",
        "solutions",
        (
            "friendlyname:String(256) uniquename:String(65) description:Memo(2000) version:String(256) "
            "ismanaged:Boolean publisherid:Lookup(publisher)"
        ),
    ),
    "solutioncomponent": (
        "SolutionComponent",
        "solutioncomponents",
        (
            "rootcomponentname:String(200) componenttype:Integer(0,9999) objectid:Uniqueidentifier "
            "solutionid:Lookup(solution)"
        ),
    ),
    "sdkmessage": ("SdkMessage", "sdkmessages", "name:String(256)"),
    "sdkmessagefilter": (
        "SdkMessageFilter",
        "sdkmessagefilters",
        "primaryobjecttypecode:String(64) sdkmessageid:Lookup(sdkmessage)",
    ),
    **security.TABLES,
}
UNIQUE = {"publisher": "uniquename", "solution": "uniquename"}


@dataclass(frozen=True)
class Organisation:
    """The ids that every row and `WhoAmI` refer to."""

    organisation_id: str
    business_unit_id: str
    user_id: str


def organisation(store: Store, catalogue: Catalogue, identity: Identity) -> Organisation:
    """Give the organisation, made at the first start."""
    space = uuid.UUID(identity.tenant_id)
    ids = Organisation(*(str(uuid.uuid5(space, name)) for name in ("organization", "businessunit", "user")))
    if "systemuser" not in catalogue.tables:
        with store.write() as connection:
            for logical in SYSTEM_TABLES:
                _system_table(catalogue, logical)
                if logical in UNIQUE:
                    name = f"unique_{logical}"
                    connection.execute(f"CREATE UNIQUE INDEX {name} ON row_{logical} ({UNIQUE[logical]})")
            _first_rows(connection, ids, identity)
            messages.seed(connection, FIRST_VERSION)
            security.associations(catalogue, intersect_columns)
            holders = {
                "systemuser": ids.user_id,
                "team": str(uuid.uuid5(uuid.UUID(ids.organisation_id), "team")),
            }
            security.first_rows(connection, space, ids.business_unit_id, holders)
    return ids


def _system_table(catalogue: Catalogue, logical: str) -> None:
    schema_name, set_name, columns = SYSTEM_TABLES[logical]
    posted = {"SchemaName": schema_name, "EntitySetName": set_name, "OwnershipType": "OrganizationOwned"}
    definition = definitions.entity(posted, catalogue.next_type_code(), custom=False)
    bodies = [_column(logical, text) for text in columns.split()]
    definition["PrimaryNameAttribute"] = bodies[0]["LogicalName"]
    bodies[0]["IsPrimaryName"] = True
    catalogue.add_table(definition, [*bodies, *system_columns(definition, user_owned=False)])


def _column(logical: str, text: str) -> Definition:
    name, _, kind = text.partition(":")
    kind, _, argument = kind.rstrip(")").partition("(")
    posted: Definition = {"@odata.type": f"{kind}AttributeMetadata", "SchemaName": name}
    if kind in ("String", "Memo"):
        posted["MaxLength"] = int(argument)
    elif kind == "Integer":
        low, _, high = argument.partition(",")
        posted |= {"MinValue": int(low), "MaxValue": int(high)}
    elif kind in ("Lookup", "Customer"):
        posted["Targets"] = argument.split(",")
    elif kind == "Boolean":
        posted["OptionSet"] = two_options("Yes", "No")
    return definitions.attribute(logical, posted, custom=False)


def two_options(true: str, false: str) -> Definition:
    """Give the option set of a yes/no column."""
    return {
        "TrueOption": {"Value": 1, "Label": label(true)},
        "FalseOption": {"Value": 0, "Label": label(false)},
        "OptionSetType": "Boolean",
        "IsGlobal": False,
    }


def system_columns(table: Definition, *, user_owned: bool) -> list[Definition]:
    """Give the columns that the service adds to every table."""
    logical = str(table["LogicalName"])
    made = [
        _system(logical, table["PrimaryIdAttribute"], "Uniqueidentifier", update=False, IsPrimaryId=True),
        _system(logical, "createdon", "DateTime", create=False, update=False),
        _system(logical, "modifiedon", "DateTime", create=False, update=False),
        _system(logical, "overriddencreatedon", "DateTime", update=False),
        _system(logical, "createdby", "Lookup", create=False, update=False, Targets=["systemuser"]),
        _system(logical, "modifiedby", "Lookup", create=False, update=False, Targets=["systemuser"]),
        _system(logical, "createdonbehalfby", "Lookup", create=False, update=False, Targets=["systemuser"]),
        _system(logical, "modifiedonbehalfby", "Lookup", create=False, update=False, Targets=["systemuser"]),
        _system(logical, "versionnumber", "BigInt", create=False, update=False),
    ]
    if user_owned:
        made += [
            _system(logical, "ownerid", "Owner", Targets=["systemuser", "team"]),
            _system(
                logical, "owningbusinessunit", "Lookup", create=False, update=False, Targets=["businessunit"]
            ),
            _system(logical, "owninguser", "Lookup", create=False, update=False, Targets=["systemuser"]),
            _system(logical, "owningteam", "Lookup", create=False, update=False, Targets=["team"]),
        ]
    if table["IsCustomEntity"]:
        made += [_state(logical), _status(logical)]
    return made


def intersect_columns(table: Definition, sides: list[str]) -> list[Definition]:
    """Give the columns of a table that holds the pairs of a many-to-many relationship."""
    logical = str(table["LogicalName"])
    fixed = {"create": False, "update": False}
    return [
        _system(logical, table["PrimaryIdAttribute"], "Uniqueidentifier", **fixed, IsPrimaryId=True),
        *(_system(logical, side, "Uniqueidentifier", **fixed) for side in sides),
        _system(logical, "versionnumber", "BigInt", **fixed),
    ]


def _system(
    logical: str, name: str, kind: str, *, create: bool = True, update: bool = True, **more: object
) -> Definition:
    posted: Definition = {"@odata.type": f"{kind}AttributeMetadata", "SchemaName": name, **more}
    posted |= {"IsValidForCreate": create, "IsValidForUpdate": update}
    return definitions.attribute(logical, posted, custom=False)


def _choices(name: str, options: list[Definition], kind: str) -> Definition:
    return {
        "MetadataId": str(uuid.uuid4()),
        "Name": name,
        "IsGlobal": False,
        "OptionSetType": kind,
        "IsCustomizable": managed(True, "iscustomizable"),
        "Options": options,
    }


def _state(logical: str) -> Definition:
    options = [
        definitions.option({"Value": 0, "Label": label("Active")}, DefaultStatus=1, InvariantName="Active"),
        definitions.option(
            {"Value": 1, "Label": label("Inactive")}, DefaultStatus=2, InvariantName="Inactive"
        ),
    ]
    choice = _choices(f"{logical}_statecode", options, "State")
    return _system(logical, "statecode", "State", create=False, OptionSet=choice)


def _status(logical: str) -> Definition:
    options = [
        definitions.option({"Value": 1, "Label": label("Active")}, State=0),
        definitions.option({"Value": 2, "Label": label("Inactive")}, State=1),
    ]
    return _system(
        logical, "statuscode", "Status", OptionSet=_choices(f"{logical}_statuscode", options, "Status")
    )


def _first_rows(connection: sqlite3.Connection, ids: Organisation, identity: Identity) -> None:
    version = FIRST_VERSION
    organisation_row: dict[str, object] = {
        "organizationid": ids.organisation_id,
        "name": "sandbox",
        "expirechangetrackingindays": 7,
    }
    unit: dict[str, object] = {"businessunitid": ids.business_unit_id, "name": "sandbox"}
    user: dict[str, object] = {
        "systemuserid": ids.user_id,
        "fullname": "# Application",
        "applicationid": identity.client_id,
        "businessunitid": ids.business_unit_id,
        "isdisabled": 0,
    }
    team: dict[str, object] = {
        "teamid": str(uuid.uuid5(uuid.UUID(ids.organisation_id), "team")),
        "name": "sandbox",
        "businessunitid": ids.business_unit_id,
    }
    for table, row in (
        ("organization", organisation_row),
        ("businessunit", unit),
        ("systemuser", user),
        ("team", team),
    ):
        version += 1
        row["versionnumber"] = version
        marks = ", ".join("?" for _ in row)
        connection.execute(
            f"INSERT INTO row_{table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
