"""Which privilege a change of definitions needs (Microsoft's list of security privileges)."""

from sandbox.dataverse.address import Segment

KINDS = {
    "Attributes": "Attribute",
    "Keys": "EntityKey",  # documented guess: keys have privileges of their own
    "RelationshipDefinitions": "Relationship",
    "GlobalOptionSetDefinitions": "OptionSet",
}
RIGHTS = {"POST": "Create", "PUT": "Write", "DELETE": "Delete", "PATCH": "Write"}
ACTIONS = {
    "CreateEntities": "prvCreateEntity",
    "PublishXml": "prvPublishCustomization",
    "PublishAllXml": "prvPublishCustomization",
    "CreateCustomerRelationships": "prvCreateRelationship",
    "CreatePolymorphicLookupAttribute": "prvCreateRelationship",
    "ReactivateEntityKey": "prvWriteEntityKey",
}


def needed(where: list[Segment], method: str) -> str:
    """Give the name of the privilege; actions on options change a column."""
    first = where[0].name
    if not first.endswith("Definitions"):
        return ACTIONS.get(first, "prvWriteAttribute")
    part = where[1].name if len(where) > 1 else first
    return f"prv{RIGHTS.get(method, 'Write')}{KINDS.get(part, 'Entity')}"
