"""FetchXML of the kind that reports and flows send (dataverse.md section 3)."""

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, unquote
from xml.sax.saxutils import escape

import pytest

from tests.contract.sandbox.dataverse.conftest import Api

type Fetch = Callable[..., Any]
NOTE = "OData.Community.Display.V1.FormattedValue"
COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "@Microsoft.Dynamics.CRM.morerecords"
ALL = 'odata.include-annotations="*"'
ROWS: list[dict[str, Any]] = [
    {"plt_title": "red", "plt_count": 1, "plt_priority": 727000000, "plt_urgent": True, "plt_share": 1.5},
    {"plt_title": "RED 2", "plt_count": 2, "plt_priority": 727000001, "plt_dueon": "2026-03-02T10:00:00Z"},
    {"plt_title": "blue", "plt_count": 3, "plt_priority": 727000001, "plt_dueon": "2026-08-27T10:00:00Z"},
    {"plt_count": 4, "plt_day": "2026-03-02", "plt_name": "four", "plt_text": None},
]


def sent(api: Api, xml: str, table: str = "plt_items", more: str = "", **headers: str) -> Any:
    return api.get(f"{table}?fetchXml={quote(xml, safe='')}{more}", **headers)


@pytest.fixture(scope="module")
def mark(api: Api) -> str:
    """Four items with one key prefix; the first has notes x and y, the second note z."""
    mark = uuid.uuid4().hex
    items = [api.row(plt_key=f"{mark}-{row['plt_count']}", **row) for row in ROWS]
    for item, name in ((items[0], "x"), (items[0], "y"), (items[1], "z")):
        api.made("plt_notes", {"plt_name": name, "plt_Item@odata.bind": f"/plt_items({item})"})
    return mark


@pytest.fixture
def fetch(api: Api, mark: str) -> Fetch:
    """Rows of a query on the four items; `body` stands inside the entity."""

    def fetched(body: str, attributes: str = "", **headers: str) -> Any:
        only = f"<filter><condition attribute='plt_key' operator='begins-with' value='{mark}'/></filter>"
        xml = f"<fetch {attributes}><entity name='plt_item'>{body}{only}</entity></fetch>"
        return sent(api, xml, **headers)["value"]

    return fetched


COUNT = "<attribute name='plt_count'/><order attribute='plt_count'/>"


@pytest.mark.covers("dv.fetch.columns")
def test_columns_come_with_key_and_version_and_empty_ones_are_left_out(api: Api, mark: str) -> None:
    xml = (
        "<fetch><entity name='plt_item'><attribute name='plt_title'/><attribute name='ownerid'/>"
        "<attribute name='plt_urgent'/><attribute name='plt_count' alias='number'/><order attribute='plt_count'/>"
        f"<filter><condition attribute='plt_key' operator='like' value='{mark}%'/></filter></entity></fetch>"
    )
    said = sent(api, xml)
    first, last = said["value"][0], said["value"][3]
    assert set(first) == {"@odata.etag", "plt_title", "_ownerid_value", "plt_urgent", "number", "plt_itemid"}
    assert (first["plt_urgent"], first["number"]) == (True, 1)
    assert "plt_title" not in last
    assert said["@odata.context"].endswith(
        "$metadata#plt_items(plt_title,_ownerid_value,plt_urgent,number,plt_itemid)"
    )
    assert COOKIE not in said


@pytest.mark.covers("dv.fetch.columns")
def test_all_columns_come_when_none_is_named(fetch: Fetch) -> None:
    (named,) = [row for row in fetch("<all-attributes/>") if row["plt_count"] == 4]
    (none,) = [row for row in fetch("") if row["plt_count"] == 4]
    assert named == none
    assert named["plt_day"] == "2026-03-02"
    assert named["_createdby_value"]


@pytest.mark.covers("dv.fetch.filter", "dv.fetch.operators")
@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ("attribute='plt_title' operator='eq' value='RED'", [1]),
        ("attribute='plt_title' operator='ne' value='red'", [2, 3, 4]),
        ("attribute='plt_title' operator='like' value='red%'", [1, 2]),
        ("attribute='plt_title' operator='not-like' value='red%'", [3, 4]),
        ("attribute='plt_title' operator='ends-with' value='2'", [2]),
        ("attribute='plt_title' operator='not-begin-with' value='b'", [1, 2, 4]),
        ("attribute='plt_title' operator='null'", [4]),
        ("attribute='plt_title' operator='not-null'", [1, 2, 3]),
        ("attribute='plt_count' operator='ge' value='3'", [3, 4]),
        ("attribute='plt_count' operator='lt' value='2'", [1]),
        ("attribute='plt_urgent' operator='eq' value='1'", [1]),
        ("attribute='plt_urgent' operator='eq' value='false'", [2, 3, 4]),
        ("attribute='plt_dueon' operator='on' value='2026-03-02'", [2]),
        ("attribute='plt_dueon' operator='on-or-after' value='2026-03-03'", [3]),
        ("attribute='plt_dueon' operator='on-or-before' value='2026-03-02'", [2]),
        ("attribute='plt_dueon' operator='gt' value='2026-03-02 09:00:00'", [2, 3]),
        ("attribute='plt_day' operator='eq' value='2026-03-02T00:00:00Z'", [4]),
        ("attribute='ownerid' operator='eq-userid'", [1, 2, 3, 4]),
        ("attribute='createdon' operator='last-x-hours' value='1'", [1, 2, 3, 4]),
        ("attribute='createdon' operator='olderthan-x-minutes' value='60'", []),
        ("attribute='plt_name' operator='ne' valueof='plt_title'", [1, 2, 3, 4]),
    ],
)
def test_a_condition_finds(fetch: Fetch, condition: str, counts: list[int]) -> None:
    rows = fetch(f"{COUNT}<filter><condition {condition}/></filter>")
    assert [row["plt_count"] for row in rows] == counts


@pytest.mark.covers("dv.fetch.filter")
@pytest.mark.parametrize(
    ("operator", "values", "counts"),
    [
        ("in", ["1", "4"], [1, 4]),
        ("not-in", ["1", "4"], [2, 3]),
        ("between", ["2", "3"], [2, 3]),
        ("not-between", ["2", "3"], [1, 4]),
    ],
)
def test_a_condition_with_several_values_finds(
    fetch: Fetch, operator: str, values: list[str], counts: list[int]
) -> None:
    listed = "".join(f"<value>{value}</value>" for value in values)
    condition = f"<condition attribute='plt_count' operator='{operator}'>{listed}</condition>"
    assert [row["plt_count"] for row in fetch(f"{COUNT}<filter>{condition}</filter>")] == counts


@pytest.mark.covers("dv.fetch.filter")
def test_filters_nest(fetch: Fetch) -> None:
    one = "<condition attribute='plt_count' operator='eq' value='1'/>"
    two = "<condition attribute='plt_count' operator='eq' value='3'/>"
    blue = "<condition attribute='plt_title' operator='eq' value='blue'/>"
    nested = f"<filter type='or'>{one}<filter type='and'>{two}{blue}</filter></filter>"
    assert [row["plt_count"] for row in fetch(COUNT + nested)] == [1, 3]


X = "<filter><condition attribute='plt_name' operator='eq' value='x'/></filter>"
LINK = "<link-entity name='plt_note' from='plt_item' to='plt_itemid' alias='n' {}>{}</link-entity>"
NAME = "<attribute name='plt_name'/><order attribute='plt_name'/>"


@pytest.mark.covers("dv.fetch.links")
def test_linked_rows_come_with_the_alias_before_their_columns(fetch: Fetch) -> None:
    inner = fetch(COUNT + LINK.format("", NAME))
    assert [(row["plt_count"], row["n.plt_name"]) for row in inner] == [(1, "x"), (1, "y"), (2, "z")]
    outer = fetch(COUNT + LINK.format("link-type='outer'", NAME))
    assert [(row["plt_count"], row.get("n.plt_name")) for row in outer] == [
        (1, "x"), (1, "y"), (2, "z"), (3, None), (4, None),
    ]  # fmt: skip


@pytest.mark.covers("dv.fetch.links")
def test_a_filter_within_an_outer_link_hides_no_row(fetch: Fetch) -> None:
    only = "<filter><condition attribute='plt_name' operator='eq' value='z'/></filter>"
    rows = fetch(COUNT + LINK.format("link-type='outer'", NAME + only))
    assert [row.get("n.plt_name") for row in rows] == [None, "z", None, None]
    missing = "<filter><condition entityname='n' attribute='plt_noteid' operator='null'/></filter>"
    rows = fetch(COUNT + LINK.format("link-type='outer'", "") + missing)
    assert [row["plt_count"] for row in rows] == [3, 4]


@pytest.mark.covers("dv.fetch.links")
def test_links_nest_and_lead_back(api: Api, mark: str) -> None:
    xml = (
        "<fetch><entity name='plt_note'><attribute name='plt_name'/><order attribute='plt_name'/>"
        "<link-entity name='plt_item' from='plt_itemid' to='plt_item' alias='i'>"
        "<attribute name='plt_title' alias='title'/><attribute name='ownerid'/>"
        "<link-entity name='systemuser' from='systemuserid' to='createdby' alias='u'>"
        "<attribute name='fullname'/></link-entity>"
        f"<filter><condition attribute='plt_key' operator='like' value='{mark}%'/></filter>"
        "</link-entity></entity></fetch>"
    )
    rows = sent(api, xml, "plt_notes", Prefer=ALL)["value"]
    assert [(row["plt_name"], row["title"]) for row in rows] == [("x", "red"), ("y", "red"), ("z", "RED 2")]
    assert rows[0]["u.fullname"] == "# Application"
    assert rows[0][f"i.ownerid@{NOTE}"] == "# Application"
    assert rows[0]["i.ownerid@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"


@pytest.mark.covers("dv.fetch.exists")
@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (LINK.format("link-type='exists'", ""), [1, 2]),
        (LINK.format("link-type='in'", X), [1]),
        (f"<filter>{LINK.format("link-type='any'", '')}</filter>", [1, 2]),
        (f"<filter>{LINK.format("link-type='not any'", '')}</filter>", [3, 4]),
        (f"<filter>{LINK.format("link-type='not all'", X.replace("'x'", "'z'"))}</filter>", [1]),
    ],
)
def test_links_that_only_ask_whether_there_are_rows(fetch: Fetch, body: str, counts: list[int]) -> None:
    assert [row["plt_count"] for row in fetch(COUNT + body)] == counts


@pytest.mark.covers("dv.fetch.order")
def test_rows_are_ordered_by_columns_of_links_too(fetch: Fetch) -> None:
    order = "<order entityname='n' attribute='plt_name' descending='true'/><attribute name='plt_count'/>"
    rows = fetch(order + LINK.format("", "<attribute name='plt_name'/>"))
    assert [row["n.plt_name"] for row in rows] == ["z", "y", "x"]
    assert [row["plt_count"] for row in fetch(COUNT, "top='2'")] == [1, 2]


@pytest.mark.covers("dv.fetch.distinct")
def test_distinct_rows_have_no_key(fetch: Fetch) -> None:
    rows = fetch("<attribute name='plt_priority'/>", "distinct='true'", Prefer=ALL)
    assert rows == [
        {},
        {"plt_priority": 727000000, f"plt_priority@{NOTE}": "High"},
        {"plt_priority": 727000001, f"plt_priority@{NOTE}": "Normal"},
    ]


@pytest.mark.covers("dv.fetch.aggregate")
def test_aggregates_are_taken_of_all_rows(fetch: Fetch) -> None:
    functions = {
        "sum": 10, "avg": 2, "min": 1, "max": 4, "count": 4, "countcolumn": 4,
    }  # fmt: skip
    body = "".join(f"<attribute name='plt_count' alias='{f}' aggregate='{f}'/>" for f in functions)
    body += "<attribute name='plt_title' alias='titles' aggregate='countcolumn'/>"
    body += "<attribute name='plt_priority' alias='kinds' aggregate='countcolumn' distinct='true'/>"
    body += "<attribute name='plt_share' alias='share' aggregate='sum'/>"
    assert fetch(body, "aggregate='true'") == [{**functions, "titles": 3, "kinds": 2, "share": 1.5}]


@pytest.mark.covers("dv.fetch.groupby")
def test_groups_are_made_by_columns_links_and_parts_of_dates(fetch: Fetch) -> None:
    total = "<attribute name='plt_count' alias='total' aggregate='sum'/>"
    by_choice = (
        total
        + "<attribute name='plt_priority' alias='p' groupby='true'/><order alias='total' descending='true'/>"
    )
    rows = fetch(by_choice, "aggregate='true'", Prefer=ALL)
    assert [(row.get("p"), row.get(f"p@{NOTE}"), row["total"]) for row in rows] == [
        (727000001, "Normal", 5), (None, None, 4), (727000000, "High", 1),
    ]  # fmt: skip
    parts = "".join(
        f"<attribute name='plt_dueon' alias='{part}' groupby='true' dategrouping='{part}'/>"
        for part in ("year", "quarter", "month", "week", "day")
    )
    dated = fetch(total + parts + "<order alias='month'/>", "aggregate='true'")
    assert dated == [
        {"total": 5},
        {"total": 2, "year": 2026, "quarter": 1, "month": 3, "week": 10, "day": 2},
        {"total": 3, "year": 2026, "quarter": 3, "month": 8, "week": 35, "day": 27},
    ]
    linked = fetch(
        "<attribute name='plt_itemid' alias='c' aggregate='count'/>"
        + LINK.format("", "<attribute name='plt_name' alias='note' groupby='true'/>"),
        "aggregate='true'",
    )
    assert linked == [{"c": 1, "note": note} for note in "xyz"]


def pages(api: Api, mark: str, orders: str, *, size: int = 2, link: str = "") -> list[Any]:
    """Every page by cookie, the way clients do it: decode twice, escape, raise `page`."""
    only = f"<filter><condition attribute='plt_key' operator='like' value='{mark}%'/></filter>"
    found, page, cookie = [], 1, ""
    while True:
        held = f" paging-cookie='{escape(cookie, {"'": '&apos;'})}'" if cookie else ""
        xml = (
            f"<fetch count='{size}' page='{page}'{held}><entity name='plt_item'><attribute name='plt_count'/>"
        )
        said = sent(api, f"{xml}{orders}{link}{only}</entity></fetch>", Prefer=ALL)
        found.append(said)
        if MORE not in said:
            assert COOKIE not in said
            return found
        cookie = unquote(unquote(re.search(r'pagingcookie="([^"]*)"', said[COOKIE])[1]))  # type: ignore[index]
        page += 1


@pytest.mark.covers("dv.fetch.cookie")
@pytest.mark.parametrize("direction", ["false", "true"])
@pytest.mark.parametrize(
    "column", ["plt_count", "plt_title", "plt_share", "plt_dueon", "plt_priority", "ownerid"]
)
def test_a_cookie_leads_through_all_rows_once(api: Api, mark: str, column: str, direction: str) -> None:
    found = pages(api, mark, f"<order attribute='{column}' descending='{direction}'/>")
    assert [len(page["value"]) for page in found] == [2, 2]
    assert {row["plt_count"] for page in found for row in page["value"]} == {1, 2, 3, 4}
    assert found[0][MORE] is True
    assert found[0][COOKIE].startswith(
        '<cookie pagenumber="2" pagingcookie="%253ccookie%2520page%253d%25221%2522'
    )


@pytest.mark.covers("dv.fetch.cookie")
def test_a_cookie_leads_through_linked_rows_too(api: Api, mark: str) -> None:
    found = pages(api, mark, "", size=1, link=LINK.format("", "<attribute name='plt_name'/>"))
    assert sorted(row["n.plt_name"] for page in found for row in page["value"]) == ["x", "y", "z"]


@pytest.mark.covers("dv.fetch.cookie")
def test_no_cookie_comes_unasked_or_for_an_order_by_a_linked_table(api: Api, mark: str) -> None:
    xml = "<fetch count='1'><entity name='plt_item'><attribute name='plt_count'/>{}</entity></fetch>"
    assert MORE not in sent(api, xml.format(""))
    linked = sent(api, xml.format(LINK.format("", NAME)), Prefer=ALL)
    assert linked[MORE] is True
    assert COOKIE not in linked


@pytest.mark.covers("dv.fetch.cookie")
def test_an_edited_cookie_is_refused(api: Api, mark: str) -> None:
    body = "<entity name='plt_item'><attribute name='plt_count'/></entity>"
    xml = f"<fetch count='1' page='{{}}' paging-cookie='{{}}'>{body}</fetch>"
    said = sent(api, xml.format(1, ""), Prefer=ALL)
    cookie = unquote(unquote(re.search(r'pagingcookie="([^"]*)"', said[COOKIE])[1]))  # type: ignore[index]
    assert re.match(r'<cookie page="1"><plt_itemid last="\{[0-9A-F-]{36}\}" first="', cookie)
    for page, edited in (
        (2, cookie.replace('last="{', 'last="{F', 1)),
        (2, cookie.replace('page="1"', 'page="2"')),
        (3, cookie),
        (2, "<cookie page='1'/>"),
    ):
        text = quote(xml.format(page, escape(edited, {"'": "&apos;"})), safe="")
        assert api.refused("GET", f"plt_items?fetchXml={text}")[:2] == (400, "0x8004112a")


@pytest.mark.covers("dv.fetch.count")
def test_the_number_of_rows_is_told_when_asked_for(api: Api, mark: str) -> None:
    only = f"<filter><condition attribute='plt_key' operator='like' value='{mark}%'/></filter>"
    xml = (
        f"<fetch {{}} count='1'><entity name='plt_item'><attribute name='plt_count'/>{only}</entity></fetch>"
    )
    said = sent(api, xml.format("returntotalrecordcount='true'"), Prefer=ALL)
    assert said["@odata.count"] == said["@Microsoft.Dynamics.CRM.totalrecordcount"] == 4
    assert said["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"] is False
    assert sent(api, xml.format(""), more="&$count=true")["@odata.count"] == 4
    assert "@odata.count" not in sent(api, xml.format(""))


@pytest.mark.covers("dv.fetch.pages")
def test_simple_paging_ends_at_50_000_rows(api: Api, mark: str) -> None:
    only = f"<filter><condition attribute='plt_key' operator='like' value='{mark}%'/></filter>"
    xml = f"<fetch count='{{}}' page='{{}}'><entity name='plt_item'>{COUNT}{only}</entity></fetch>"
    assert [row["plt_count"] for row in sent(api, xml.format(3, 2))["value"]] == [4]
    assert sent(api, xml.format(5000, 10))["value"] == []
    text = quote(xml.format(5000, 11), safe="")
    assert api.refused("GET", f"plt_items?fetchXml={text}")[:2] == (400, "0x8004430a")


ENTITY = "<entity name='plt_item'/>"
NAMED = "<attribute name='plt_name'/>"


def plain(body: str) -> str:
    return f"<fetch><entity name='plt_item'>{body}</entity></fetch>"


def where(attribute: str, operator: str, value: str = "", more: str = "") -> str:
    given = f"value='{value}'" if value else ""
    return plain(
        f"<filter><condition attribute='{attribute}' operator='{operator}' {given} {more}/></filter>"
    )


def summed(attribute: str, more: str = "") -> str:
    return f"<fetch aggregate='true'><entity name='plt_item'><attribute name='{attribute}' {more}</entity></fetch>"


def linked(name: str, more: str = "") -> str:
    return f"<link-entity name='{name}' from='plt_item' to='plt_itemid' {more}/>"


ENTITY_OF_FILE = "<!DOCTYPE fetch [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
MANY_LINKS = "".join(linked("plt_note", f"alias='a{number}'") for number in range(16))
MANY_CONDITIONS = "<condition attribute='plt_count' operator='null'/>" * 501


@pytest.mark.covers("dv.fetch.strict")
@pytest.mark.parametrize(
    ("xml", "code", "says"),
    [
        ("<fetch><entity name='plt_item'>", "0x80041124", "Invalid XML"),
        ("<query/>", "0x8004111c", "one fetch element"),
        ("<fetch/>", "0x8004111c", "exactly one entity"),
        (f"{ENTITY_OF_FILE}<fetch>{ENTITY}</fetch>", "0x8004111c", "document type"),
        (f"<fetch colour='1'>{ENTITY}</fetch>", "0x8004111c", "colour"),
        (plain("<column name='plt_name'/>"), "0x8004111c", "column"),
        (plain("<attribute/>"), "0x8004111c", "'name'"),
        (plain("<attribute name='plt_missing'/>"), "0x80041103", "plt_missing"),
        (plain("<attribute name='Plt_Name'/>"), "0x80041103", "Plt_Name"),
        (plain("<order attribute='plt_missing'/>"), "0x80041103", "plt_missing"),
        (plain("<order/>"), "0x8004111c", "either"),
        (where("plt_missing", "null"), "0x80041103", "plt_missing"),
        (where("plt_name", "is", "a"), "0x80041120", "'is'"),
        (where("plt_count", "between", "1"), "0x80041106", "1 values"),
        (where("plt_count", "like", "1%"), "0x80041106", "text column"),
        (where("plt_count", "eq", "a"), "0x80048d19", "literal"),
        (where("plt_name", "null", more="entityname='x'"), "0x8004110a", "'x'"),
        (where("plt_name", "eq", more="valueof='plt_count'"), "0x80041106", "different types"),
        (plain("<filter type='nor'/>"), "0x80041122", "nor"),
        (plain(f"<filter>{MANY_CONDITIONS}</filter>"), "0x8004430c", "conditions"),
        (plain(linked("plt_nothing")), "0x80041102", "plt_nothing"),
        (plain(linked("plt_note", "link-type='left'")), "0x80041117", "left"),
        (plain(linked("plt_note", "alias='a'") * 2), "0x80041109", "not unique"),
        (plain(MANY_LINKS), "0x8004430d", "link entities"),
        (plain(NAMED * 2), "0x80041109", "not unique"),
        (plain("<attribute name='plt_count' aggregate='sum' alias='a'/>"), "0x80041107", "aggregate='true'"),
        (summed("plt_count", "aggregate='sum'/>"), "0x8004110b", "alias"),
        (summed("plt_count", "alias='a'/>"), "0x80041107", "groupby"),
        (summed("plt_count", "alias='a' groupby='true'/><all-attributes/>"), "0x80041107", "all-attributes"),
        (summed("plt_count", "alias='a' aggregate='median'/>"), "0x8004111a", "median"),
        (summed("plt_name", "alias='a' aggregate='sum'/>"), "0x80060888", "sum"),
        (
            summed("plt_count", "alias='a' aggregate='sum'/><order attribute='plt_count'/>"),
            "0x80041107",
            "alias",
        ),
        (summed("plt_count", "alias='a' groupby='true' dategrouping='day'/>"), "0x80041108", "day"),
        (f"<fetch top='1' count='2'>{ENTITY}</fetch>", "0x80041108", "'top'"),
        (f"<fetch top='5001'>{ENTITY}</fetch>", "0x80041108", "5000"),
        (f"<fetch count='0'>{ENTITY}</fetch>", "0x80041108", "'count'"),
        (f"<fetch distinct='maybe'>{ENTITY}</fetch>", "0x80041108", "'distinct'"),
        ("<fetch><entity name='plt_note'/></fetch>", "0x80041128", "plt_note"),
        ("<fetch><entity name='plt_nothing'/></fetch>", "0x80041102", "plt_nothing"),
    ],
)
def test_a_wrong_query_is_refused(api: Api, xml: str, code: str, says: str) -> None:
    status, found, words = api.refused("GET", f"plt_items?fetchXml={quote_plus(xml, safe="='/")}")
    assert (status, found) == (400, code), words
    assert says in words


@pytest.mark.covers("dv.fetch.elsewhere")
@pytest.mark.parametrize(
    "xml",
    [
        where("plt_itemid", "under", "x"),
        where("createdon", "this-fiscal-year"),
        plain("<link-entity name='plt_note'/>"),
        plain(linked("plt_note", "link-type='matchfirstrowusingcrossapply'")),
        plain("<attribute name='plt_itemid' rowaggregate='CountChildren' alias='n'/>"),
        summed("createdon", "alias='a' groupby='true' dategrouping='fiscal-year'/>"),
        f"<fetch datasource='retained'>{ENTITY}</fetch>",
    ],
)
def test_what_is_not_offered_says_so(api: Api, xml: str) -> None:
    assert api.refused("GET", f"plt_items?fetchXml={quote(xml, safe='')}")[:2] == (501, "0x80040800")


def test_other_query_options_do_not_go_with_it(api: Api) -> None:
    text = quote(plain(NAMED), safe="")
    assert api.refused("GET", f"plt_items?fetchXml={text}&$top=1")[:2] == (400, "0x80060888")
