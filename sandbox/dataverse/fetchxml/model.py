"""What a FetchXML query says, as values, and the words it may use."""

from dataclasses import dataclass, field

from sandbox.dataverse.errors import DataverseError

BODY = ("attribute", "all-attributes", "no-attrs", "order", "filter", "link-entity")
# Elements with the elements within them and their attributes; the last ones of some are written by designers.
CHILDREN: dict[str, tuple[str, ...]] = {
    "fetch": ("entity",),
    "entity": BODY,
    "link-entity": BODY,
    "filter": ("filter", "condition", "link-entity"),
    "condition": ("value",),
}
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "fetch": (
        "aggregate", "aggregatelimit", "count", "distinct", "no-lock", "page", "paging-cookie",
        "returntotalrecordcount", "top", "latematerialize", "options", "version", "output-format", "mapping",
        "savedqueryid", "utc-offset", "min-active-row-version",
    ),
    "entity": ("name",),
    "attribute": (
        "name", "alias", "aggregate", "groupby", "dategrouping", "distinct", "usertimezone", "build", "addedby",
    ),
    "order": ("attribute", "alias", "descending", "entityname"),
    "filter": ("type", "isquickfindfields", "overridequickfindrecordlimitenabled", "hint"),
    "condition": (
        "attribute", "operator", "value", "valueof", "entityname", "uiname", "uitype", "uihidden",
    ),
    "value": ("uiname", "uitype"),
    "link-entity": ("name", "from", "to", "alias", "link-type", "intersect", "visible"),
}  # fmt: skip
# What FetchXML has and the sandbox does not offer.
ELSEWHERE = {
    "fetch": ("datasource", "useraworderby"),
    "attribute": ("rowaggregate",),
    "condition": ("aggregate", "alias", "column"),
    "link-entity": ("enableprefiltering", "prefilterparametername"),
}
JOINS = ("inner", "outer", "exists", "in")
FILTERS = ("any", "not any", "not all")
LINKS_ELSEWHERE = ("all", "natural", "matchfirstrowusingcrossapply")


@dataclass(frozen=True)
class Attribute:
    """A column to return, to group by, or to aggregate."""

    name: str
    alias: str = ""
    aggregate: str = ""
    groupby: bool = False
    dategrouping: str = ""
    distinct: bool = False


@dataclass(frozen=True)
class Order:
    """A column or, in aggregates, an alias to order by."""

    attribute: str
    alias: str
    descending: bool
    entityname: str = ""


@dataclass(frozen=True)
class Condition:
    """One comparison; `entityname` is the alias of a link-entity, `valueof` another column."""

    attribute: str
    operator: str
    values: list[str]
    entityname: str = ""
    valueof: str = ""


@dataclass(frozen=True)
class Filter:
    """Conditions, filters and links that all (`and`) or of which one (`or`) must hold."""

    either: bool = False
    conditions: list[Condition] = field(default_factory=list)
    filters: "list[Filter]" = field(default_factory=list)
    links: "list[Entity]" = field(default_factory=list)


@dataclass(frozen=True)
class Entity:
    """The entity of a query, or one linked to it by `origin` (its column) and `to` (the column it is joined to)."""

    name: str
    attributes: list[Attribute] = field(default_factory=list)
    everything: bool = False
    orders: list[Order] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    links: "list[Entity]" = field(default_factory=list)
    origin: str = ""
    to: str = ""
    alias: str = ""
    kind: str = "inner"


@dataclass(frozen=True)
class Fetch:
    """A whole query."""

    entity: Entity
    aggregate: bool = False
    limit: int = 50_000
    distinct: bool = False
    count: int | None = None
    page: int = 1
    cookie: str = ""
    top: int | None = None
    total: bool = False


def refused(code: str, words: str) -> DataverseError:
    """Give a refusal of a query; the codes are those of QueryBuilder* in the published list of error codes."""
    # documented guess: the list has names and codes, which of them the cloud uses when is not confirmed
    return DataverseError(400, code, words)


def unknown_column(entity: str, name: str) -> DataverseError:
    words = f"'{entity}' entity doesn't contain attribute with Name = '{name}' and NameMapping = 'Logical'."
    return DataverseError(400, "0x80041103", words)


def unknown_entity(name: str) -> DataverseError:
    words = (
        f"The entity with a name = '{name}' with namemapping = 'Logical' was not found in the MetadataCache."
    )
    return DataverseError(400, "0x80041102", words)
