"""The shapes of posted definitions. A definition that a table cannot live with must never be kept.

Names as in the metadata API; what is not named here is taken as it is. Limits are those of Microsoft's pages on
table and column definitions; that a name needs its publisher's prefix is documented, the code of the refusal is
a guess."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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
Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Cascade = Literal["NoCascade", "Cascade", "Active", "UserOwned", "RemoveLink", "Restrict"]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class _Text(_Shape):
    Label: str = ""
    LanguageCode: int = 1033


class _Label(_Shape):
    LocalizedLabels: list[_Text] | None = None


class _Required(_Shape):
    Value: Literal["None", "SystemRequired", "Recommended", "ApplicationRequired"] = "None"


class _Behaviour(_Shape):
    Value: Literal["UserLocal", "DateOnly", "TimeZoneIndependent"]


class _Option(_Shape):
    Value: Int32 | None = None
    Label: _Label | None = None
    Description: _Label | None = None


class _OptionSet(_Shape):
    Options: list[_Option] = Field(default_factory=list)
    TrueOption: _Option = _Option()
    FalseOption: _Option = _Option()


class _Posted(_Shape):
    DisplayName: _Label | None = None
    DisplayCollectionName: _Label | None = None
    Description: _Label | None = None
    EntitySetName: str = ""
    OwnershipType: Literal["UserOwned", "OrganizationOwned"] = "UserOwned"
    ChangeTrackingEnabled: bool = False
    HasNotes: bool = False
    HasActivities: bool = False
    IsActivity: bool = False
    IsPrimaryName: bool = False
    MaxLength: Int32 | None = None
    MinValue: float | None = None
    MaxValue: float | None = None
    Precision: Annotated[int, Field(ge=0, le=10)] | None = None
    RequiredLevel: _Required | None = None
    DateTimeBehavior: _Behaviour | None = None
    KeyAttributes: list[str] = Field(default_factory=list)
    CascadeConfiguration: dict[str, Cascade | None] | None = None
    Attributes: list[dict[str, Any]] | None = None
    OptionSet: _OptionSet | None = None
    Options: list[_Option] = Field(default_factory=list)


def checked(where: str, posted: Definition) -> Definition:
    """Give what a caller may say of a definition, without what the service decides itself; raises 400."""
    posted = {name: value for name, value in posted.items() if value is not None}
    try:
        _Posted.model_validate(posted)
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
