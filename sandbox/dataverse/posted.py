"""The shapes of posted definitions. A definition that a table cannot live with must never be kept.

Names as in the metadata API; what is not named here is taken as it is. Limits are those of Microsoft's pages on
table and column definitions; that a name needs its publisher's prefix is documented, the code of the refusal is
a guess."""

import re

from sandbox.dataverse.errors import DataverseError, payload_error
from sandbox.dataverse.schema import Definition

NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{1,7}_[A-Za-z0-9_]{1,91}")
SERVER_SIDE = frozenset(
    {
        "MetadataId", "HasChanged", "ObjectTypeCode", "PrimaryIdAttribute", "PrimaryNameAttribute", "IsCustomEntity",
        "IsCustomAttribute", "IsPrimaryId", "AttributeOf", "AttributeType", "AttributeTypeName", "EntityLogicalName",
        "LogicalCollectionName", "IsManaged", "IsLogical", "IsValidODataAttribute", "EnforceRequired", "Targets",
        "Privileges",
    }
)  # fmt: skip


def checked(where: str, posted: Definition) -> Definition:
    """Give what a caller may say of a definition, without what the service decides itself; raises 400."""
    from pydantic import ValidationError  # noqa: PLC0415 - it takes long to load, a tenant wants to be ready soon

    from sandbox.dataverse.posted_shapes import Posted  # noqa: PLC0415

    posted = {name: value for name, value in posted.items() if value is not None}
    try:
        Posted.model_validate(posted)
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise payload_error(where, f"'{place}' of the definition does not fit: {first['msg']}.") from exc
    _ordered(posted)
    return {name: value for name, value in posted.items() if name not in SERVER_SIDE}


def _ordered(posted: Definition) -> None:
    low, high = posted.get("MinValue"), posted.get("MaxValue")
    if low is not None and high is not None and low > high:
        raise DataverseError(400, "0x80040203", "MinValue must not be greater than MaxValue.")


def prefixed(name: str) -> str:
    """Give a schema name that begins with a customization prefix, as all names of one's own must; raises 400."""
    if NAME.fullmatch(name) is None or name.lower().endswith("__type"):
        words = (
            f"'{name}' must be a customization prefix, an underscore and a name of at most 100 characters."
        )
        raise DataverseError(400, "0x80040203", words)
    return name
