"""The members that posted definitions have, as pydantic knows them. Apart, because it takes long to load."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

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


class Posted(_Shape):
    """A definition of a table, a column, a choice or a relation."""

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
