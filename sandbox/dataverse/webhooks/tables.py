"""The tables that hold registrations and system jobs. Only the columns that webhooks need are here."""

import uuid

from sandbox.dataverse import definitions
from sandbox.dataverse.catalogue import Catalogue
from sandbox.dataverse.labels import label, managed
from sandbox.dataverse.schema import Definition
from sandbox.dataverse.seed import system_columns, two_options
from sandbox.store import Store

SECRETS = "CREATE TABLE IF NOT EXISTS dv_webhook_secret (endpoint TEXT PRIMARY KEY, value TEXT NOT NULL)"
TABLES: dict[str, tuple[str, str, str]] = {
    "serviceendpoint": (
        "ServiceEndpoint",
        "serviceendpoints",
        (
            "name:String(160) description:Memo(2000) url:String(2048) contract:Picklist authtype:Picklist "
            "authvalue:Memo(2000) messageformat:Picklist connectionmode:Picklist userclaim:Picklist"
        ),
    ),
    "sdkmessageprocessingstep": (
        "SdkMessageProcessingStep",
        "sdkmessageprocessingsteps",
        (
            "name:String(256) description:String(256) configuration:Memo(1073741823) "
            "rank:Integer(-2147483648,2147483647) "
            "stage:Picklist mode:Picklist supporteddeployment:Picklist filteringattributes:Memo(100000) "
            "asyncautodelete:Boolean canusereadonlyconnection:Boolean sdkmessageid:Lookup(sdkmessage) "
            "sdkmessagefilterid:Lookup(sdkmessagefilter) eventhandler:Lookup(plugintype,serviceendpoint) "
            "impersonatinguserid:Lookup(systemuser) statecode:State statuscode:Status"
        ),
    ),
    "sdkmessageprocessingstepimage": (
        "SdkMessageProcessingStepImage",
        "sdkmessageprocessingstepimages",
        (
            "name:String(256) entityalias:String(256) attributes:Memo(100000) messagepropertyname:String(256) "
            "imagetype:Picklist sdkmessageprocessingstepid:Lookup(sdkmessageprocessingstep)"
        ),
    ),
    "asyncoperation": (
        "AsyncOperation",
        "asyncoperations",
        (
            "name:String(256) message:Memo(1048576) friendlymessage:Memo(500) messagename:String(160) "
            "primaryentitytype:String(64) errorcode:Integer(-2147483648,2147483647) operationtype:Picklist "
            "retrycount:Integer(0,2147483647) startedon:DateTime completedon:DateTime correlationid:Uniqueidentifier "
            "requestid:Uniqueidentifier owningextensionid:Lookup(sdkmessageprocessingstep) statecode:State "
            "statuscode:Status"
        ),
    ),
}
CHOICES: dict[str, dict[int, str]] = {
    "contract": {1: "OneWay", 2: "Queue", 3: "Rest", 4: "TwoWay", 5: "Topic", 6: "Queue (Persistent)", 7: "Event Hub",
                 8: "Webhook", 9: "Event Grid"},
    "authtype": {0: "Not Specified", 1: "ACS", 2: "SAS Key", 3: "SAS Token", 4: "Webhook Key", 5: "HTTP Header",
                 6: "HTTP Query String"},
    "messageformat": {1: "Binary XML", 2: "Json", 3: "Text XML"},
    "connectionmode": {1: "Normal", 2: "Federated"},
    "userclaim": {1: "None", 2: "UserId", 3: "UserInfo"},
    "stage": {10: "Pre-validation", 20: "Pre-operation", 40: "Post-operation", 50: "Post-operation (Deprecated)"},
    "mode": {0: "Synchronous", 1: "Asynchronous"},
    "supporteddeployment": {0: "Server Only", 1: "Microsoft Dynamics 365 Client for Outlook Only", 2: "Both"},
    "imagetype": {0: "PreImage", 1: "PostImage", 2: "Both"},
    "operationtype": {1: "System Event", 13: "Bulk Delete"},
}  # fmt: skip
# Per table the states, each with its label and its status reasons; the first is what a new row has.
STATES: dict[str, dict[int, tuple[str, dict[int, str]]]] = {
    "sdkmessageprocessingstep": {0: ("Enabled", {1: "Enabled"}), 1: ("Disabled", {2: "Disabled"})},
    "asyncoperation": {
        0: ("Ready", {0: "Waiting For Resources"}),
        1: ("Suspended", {10: "Waiting"}),
        2: ("Locked", {20: "In Progress", 21: "Pausing", 22: "Canceling"}),
        3: ("Completed", {30: "Succeeded", 31: "Failed", 32: "Canceled"}),
    },
}
UNREADABLE = ("authvalue",)
ON_CREATE_ONLY = ("sdkmessageprocessingstepid",)


def prepare(store: Store, catalogue: Catalogue) -> None:
    """Create what is missing; an existing state is kept."""
    missing = [logical for logical in TABLES if logical not in catalogue.tables]
    with store.write() as db:
        db.execute(SECRETS)
        for logical in missing:
            _create(catalogue, logical)


def _create(catalogue: Catalogue, logical: str) -> None:
    schema_name, set_name, columns = TABLES[logical]
    posted = {"SchemaName": schema_name, "EntitySetName": set_name, "OwnershipType": "OrganizationOwned"}
    definition = definitions.entity(posted, catalogue.next_type_code(), custom=False)
    bodies = [_column(logical, *text.split(":")) for text in columns.split()]
    definition["PrimaryNameAttribute"] = bodies[0]["LogicalName"]
    bodies[0]["IsPrimaryName"] = True
    catalogue.add_table(definition, [*bodies, *system_columns(definition, user_owned=False)])


def _column(logical: str, name: str, said: str) -> Definition:
    kind, _, argument = said.rstrip(")").partition("(")
    posted: Definition = {"@odata.type": f"{kind}AttributeMetadata", "SchemaName": name}
    numbers = (
        [int(part) for part in argument.split(",")]
        if argument.strip("-0123456789,") == "" and argument
        else []
    )
    if kind in ("String", "Memo"):
        posted["MaxLength"] = numbers[0]
    elif kind == "Integer":
        posted |= {"MinValue": numbers[0], "MaxValue": numbers[1]}
    elif kind == "Lookup":
        posted["Targets"] = argument.split(",")
    elif kind == "Boolean":
        posted["OptionSet"] = two_options("Yes", "No")
    elif kind in ("Picklist", "State", "Status"):
        posted["OptionSet"] = _choice(logical, name, kind)
    posted |= {"IsValidForRead": name not in UNREADABLE, "IsValidForUpdate": name not in ON_CREATE_ONLY}
    if logical == "asyncoperation":
        posted |= {"IsValidForCreate": False, "IsValidForUpdate": kind in ("State", "Status")}
    return definitions.attribute(logical, posted, custom=False)


def _choice(logical: str, name: str, kind: str) -> Definition:
    return {
        "MetadataId": str(uuid.uuid4()),
        "Name": f"{logical}_{name}",
        "IsGlobal": False,
        "OptionSetType": kind,
        "IsCustomizable": managed(False, "iscustomizable"),
        "Options": _options(logical, name, kind),
    }


def _options(logical: str, name: str, kind: str) -> list[Definition]:
    if kind == "Picklist":
        return [_option(value, text) for value, text in CHOICES[name].items()]
    states = STATES[logical]
    if kind == "State":
        return [
            _option(state, text, DefaultStatus=next(iter(reasons)), InvariantName=text)
            for state, (text, reasons) in states.items()
        ]
    return [
        _option(status, text, State=state)
        for state, (_, reasons) in states.items()
        for status, text in reasons.items()
    ]


def _option(value: int, text: str, **more: object) -> Definition:
    return definitions.option({"Value": value, "Label": label(text)}, **more)
