"""FetchXML text to values. Document types and entities are refused, so nothing is ever resolved or loaded."""

from lxml import etree

from sandbox.dataverse.errors import not_offered
from sandbox.dataverse.fetchxml import model
from sandbox.dataverse.fetchxml.model import Attribute, Condition, Entity, Fetch, Filter, Order, refused
from sandbox.wire import is_number

INVALID_NODE, INVALID_VALUE, INVALID_LINK = "0x8004111c", "0x80041108", "0x80041117"
MOST = 5000
MOST_CONDITIONS, MOST_LINKS = 500, 15
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}

type Node = etree._Element


def parse(text: str) -> Fetch:
    """Give the query; raises for what is no FetchXML, and for what the sandbox does not offer."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(text.strip().encode(), parser)
    except etree.XMLSyntaxError as exc:
        raise refused("0x80041124", f"Invalid XML: {exc.msg}") from exc
    if root.getroottree().docinfo.doctype or root.tag != "fetch":
        raise refused(INVALID_NODE, "The query must be one fetch element without a document type.")
    _check(root)
    if len(root) != 1:
        raise refused(INVALID_NODE, "The fetch element must have exactly one entity element.")
    _check_size(root)
    return _fetch(root)


def _check(node: Node) -> None:
    """Refuse words that FetchXML does not have, wherever they stand."""
    tag = str(node.tag)
    known = model.ATTRIBUTES.get(tag, ())
    for name in node.attrib:
        if str(name) in model.ELSEWHERE.get(tag, ()):
            raise not_offered(f"the attribute '{name}' of '{tag}' in FetchXML")
        if str(name) not in known:
            raise refused(INVALID_NODE, f"The attribute '{name}' is not valid on the element '{tag}'.")
    for child in node:
        if not isinstance(child.tag, str) or child.tag not in model.CHILDREN.get(tag, ()):
            raise refused(INVALID_NODE, f"The element '{child.tag}' is not valid within '{tag}'.")
        _check(child)


def _check_size(root: Node) -> None:
    if len(list(root.iter("condition"))) > MOST_CONDITIONS:
        raise refused("0x8004430c", "Number of conditions in query exceeded maximum limit.")
    if len(list(root.iter("link-entity"))) > MOST_LINKS:
        raise refused("0x8004430d", "Number of link entities in query exceeded maximum limit.")


def _fetch(root: Node) -> Fetch:
    top, count = _number(root, "top"), _number(root, "count")
    aggregate, distinct = _boolean(root, "aggregate"), _boolean(root, "distinct")
    total, page = _boolean(root, "returntotalrecordcount"), _number(root, "page")
    if top is not None and (count is not None or page is not None or total):
        raise refused(INVALID_VALUE, "'top' cannot be used with 'count', 'page' or 'returntotalrecordcount'.")
    if top is not None and top > MOST:
        raise refused(INVALID_VALUE, f"'top' cannot be greater than {MOST}.")
    limit = min(_number(root, "aggregatelimit") or 50_000, 50_000)
    return Fetch(
        _entity(root[0], _named(root[0], "name")),
        aggregate=aggregate,
        limit=limit,
        distinct=distinct,
        count=count,
        page=page or 1,
        cookie=root.get("paging-cookie", ""),
        top=top,
        total=total,
    )


def _named(node: Node, name: str) -> str:
    value = str(node.get(name, ""))
    if not value:
        raise refused(INVALID_NODE, f"The element '{node.tag}' needs the attribute '{name}'.")
    return value


def _boolean(node: Node, name: str) -> bool:
    value = node.get(name, "false").lower()
    if value not in BOOLEANS:
        raise refused(INVALID_VALUE, f"'{name}' must be true or false.")
    return BOOLEANS[value]


def _number(node: Node, name: str) -> int | None:
    value = node.get(name)
    if value is None:
        return None
    if not is_number(value) or not 0 < int(value) < 2**31:
        raise refused(INVALID_VALUE, f"'{name}' must be a whole number greater than zero.")
    return int(value)


def _entity(node: Node, name: str) -> Entity:
    return Entity(
        name,
        [_attribute(one) for one in node.findall("attribute")],
        node.find("all-attributes") is not None,
        [_order(one) for one in node.findall("order")],
        [_filter(one) for one in node.findall("filter")],
        [_link(one, model.JOINS) for one in node.findall("link-entity")],
    )


def _link(node: Node, kinds: tuple[str, ...]) -> Entity:
    name, kind = _named(node, "name"), node.get("link-type", "inner")
    if kind in model.LINKS_ELSEWHERE:
        raise not_offered(f"the link-type '{kind}' in FetchXML")
    if kind not in kinds:
        raise refused(INVALID_LINK, f"The link-type '{kind}' is not valid here: {', '.join(kinds)} expected.")
    if not node.get("from") or not node.get("to"):
        raise not_offered("a link-entity without 'from' and 'to'")
    body = _entity(node, name)
    if kind not in ("inner", "outer") and (body.attributes or body.everything or body.orders or body.links):
        raise not_offered(f"attribute, order or link-entity within a link of type '{kind}'")
    names = {"origin": node.get("from", ""), "to": node.get("to", ""), "alias": node.get("alias", "")}
    return Entity(**{**vars(body), **names, "kind": kind})


def _attribute(node: Node) -> Attribute:
    return Attribute(
        _named(node, "name"),
        node.get("alias", ""),
        node.get("aggregate", ""),
        _boolean(node, "groupby"),
        node.get("dategrouping", ""),
        _boolean(node, "distinct"),
    )


def _order(node: Node) -> Order:
    attribute, alias = node.get("attribute", ""), node.get("alias", "")
    if bool(attribute) == bool(alias):
        raise refused(INVALID_NODE, "The element 'order' needs either 'attribute' or 'alias'.")
    return Order(attribute, alias, _boolean(node, "descending"), node.get("entityname", ""))


def _filter(node: Node) -> Filter:
    kind = node.get("type", "and").lower()
    if kind not in ("and", "or"):
        raise refused("0x80041122", f"The filter type '{kind}' is not valid: 'and' or 'or' expected.")
    conditions = [_condition(one) for one in node.findall("condition")]
    filters = [_filter(one) for one in node.findall("filter")]
    links = [_link(one, model.FILTERS) for one in node.findall("link-entity")]
    return Filter(kind == "or", conditions, filters, links)


def _condition(node: Node) -> Condition:
    values = [one.text or "" for one in node.findall("value")]
    single = node.get("value")
    if single is not None:
        values = [single, *values]
    return Condition(
        _named(node, "attribute"),
        _named(node, "operator"),
        values,
        node.get("entityname", ""),
        node.get("valueof", ""),
    )
