"""Filters over collections, through lookups and with query functions (dataverse.md section 3)."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, provision

type Find = Callable[[str], list[int]]
CRM = "Microsoft.Dynamics.CRM."


def finder(api: Api, mark: str) -> Find:
    def found(condition: str) -> list[int]:
        text = quote(f"plt_text eq '{mark}' and ({condition})", safe="")
        rows = api.get(f"plt_items?$select=plt_count&$orderby=plt_count&$filter={text}")["value"]
        return [row["plt_count"] for row in rows]

    return found


@pytest.fixture(scope="module")
def find(api: Api) -> Find:
    """Four items; the first two have notes, the third is named in four scripts, the fourth is bare."""
    mark = uuid.uuid4().hex
    first = api.row(plt_text=mark, plt_count=1, plt_title="Zoë Straße", plt_name="Zoë Straße")
    second = api.row(plt_text=mark, plt_count=2, plt_title="zoe 50% [x]", plt_share=2.5)
    api.row(plt_text=mark, plt_count=3, plt_title="Ørsted_a-1", plt_day="2026-03-02")
    api.row(plt_text=mark, plt_count=4, plt_priority=727000001)
    for item, name in ((first, "x"), (first, "y"), (second, "x")):
        api.made("plt_notes", {"plt_name": name, "plt_Item@odata.bind": f"/plt_items({item})"})
    return finder(api, mark)


@pytest.mark.covers(
    "dv.filter.lambda", "dv.filter.paths", "dv.filter.functions", "dv.filter.text", "dv.filter.wildcards"
)
@pytest.mark.parametrize(
    ("condition", "counts"),
    [
        ("plt_item_note/any()", [1, 2]),
        ("not plt_item_note/any()", [3, 4]),
        ("plt_item_note/any(n:n/plt_name eq 'Y')", [1]),
        ("plt_item_note/any(n:n/plt_name eq 'x' and n/plt_Item/plt_count eq 2)", [2]),
        ("plt_item_note/all(n:n/plt_name eq 'x')", [2, 3, 4]),
        ("plt_item_note/any(n:contains(n/plt_name,'y') or n/createdby/fullname eq 'nobody')", [1]),
        ("createdby/businessunitid/name eq 'SANDBOX' and plt_count lt 3", [1, 2]),
        ("plt_name eq plt_title and plt_title ne null", [1]),
        (f'{CRM}NotIn(PropertyName=\'plt_count\',PropertyValues=["1","3"])', [2, 4]),
        (f'{CRM}Between(PropertyName=\'plt_count\',PropertyValues=["2","3"])', [2, 3]),
        (f'{CRM}NotBetween(PropertyName=\'plt_count\',PropertyValues=["2","3"])', [1, 4]),
        (f"{CRM}EqualUserId(PropertyName='ownerid') and plt_count eq 1", [1]),
        (
            f"{CRM}EqualUserId(PropertyName='_ownerid_value') and not {CRM}NotEqualUserId(PropertyName='ownerid')",
            [1, 2, 3, 4],
        ),
        (f"{CRM}NotEqualUserId(PropertyName='owningteam')", [1, 2, 3, 4]),
        (f"{CRM}EqualBusinessId(PropertyName='owningbusinessunit') and plt_count eq 2", [2]),
        (f"{CRM}On(PropertyName='plt_day',PropertyValue='2026-03-02')", [3]),
        (f"{CRM}OnOrBefore(PropertyName='plt_day',PropertyValue=2026-03-01)", []),
        (f"{CRM}Today(PropertyName='createdon') and plt_count eq 4", [4]),
        ("plt_title eq 'zoe strasse'", [1]),
        ("startswith(plt_title,'ZOE')", [1, 2]),
        ("contains(plt_title,'orsted')", []),
        ("contains(plt_title,'50[%]')", [2]),
        ("contains(plt_title,'[[]x]')", [2]),
        ("contains(plt_title,'d[_]a')", [3]),
        ("contains(plt_title,'_a')", [1, 3]),
        ("contains(plt_title,'a-[0-9]')", [3]),
        ("contains(plt_title,'5[^1-9]')", [2]),
        ("endswith(plt_title,'x]')", [2]),
    ],
)
def test_a_filter_finds(find: Find, condition: str, counts: list[int]) -> None:
    assert find(condition) == counts


@pytest.mark.covers("dv.order.text")
def test_order_does_not_regard_case_and_accents(api: Api) -> None:
    mark = uuid.uuid4().hex
    for title in ("b", "Á", "a2", "C", "é"):
        api.row(plt_text=mark, plt_title=title)
    found, link = [], f"plt_items?$select=plt_title&$filter=plt_text eq '{mark}'&$orderby=plt_title"
    while link:
        page = api.get(link, Prefer="odata.maxpagesize=2")
        found += [row["plt_title"] for row in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert found == ["Á", "a2", "b", "C", "é"]


@pytest.mark.covers("dv.filter.hierarchy", "dv.filter.choices")
@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [
        (f"{CRM}Under(PropertyName='plt_itemid',PropertyValue='x')", 501, "0x80040800"),
        (f"{CRM}AboveOrEqual(PropertyName='plt_itemid',PropertyValue='x')", 501, "0x80040800"),
        (f"{CRM}ThisFiscalYear(PropertyName='createdon')", 501, "0x80040800"),
        (f"{CRM}ContainValues(PropertyName='plt_priority',PropertyValues=[\"1\"])", 501, "0x80040800"),
        (f"{CRM}Nonsense(PropertyName='createdon')", 400, "0x80060888"),
        (f"{CRM}LastXHours(PropertyName='createdon')", 400, "0x80060888"),
        (f"{CRM}LastXHours(PropertyName='createdon',PropertyValue=0)", 400, "0x80041106"),
        (f"{CRM}LastXHours(PropertyName='plt_title',PropertyValue=3)", 400, "0x80041106"),
        (f"{CRM}Between(PropertyName='plt_count',PropertyValues=[\"1\"])", 400, "0x80041106"),
        (f"{CRM}In(PropertyName='plt_count',PropertyValues=[1,2])", 400, "0x80060888"),
        (f"{CRM}In(PropertyName='plt_title',PropertyValues=['a','b'])", 400, "0x80060888"),
        (f"{CRM}In(PropertyName='plt_missing',PropertyValues=[\"a\"])", 400, "0x0"),
        (f"{CRM}In(PropertyName='plt_title',PropertyValues=[\"a\"", 400, "0x80060888"),
        (f"{CRM}Call7", 400, "0x80060888"),
        ("plt_item_note/any(n:n/plt_missing eq 1)", 400, "0x0"),
        ("plt_item_note/any(n:plt_item_note/any(n:n/plt_name eq 'x'))", 400, "0x80060888"),
        (f"{CRM}On(PropertyName='plt_dueon',PropertyValue='9999-12-31')", 400, "0x80041106"),
        (f"x{CRM}Today(PropertyName='createdon')", 400, "0x80060888"),
        ("plt_missing/any(n:n/plt_name eq 'x')", 400, "0x0"),
        ("plt_item_note/plt_name eq 'x'", 400, "0x0"),
        ("createdby/plt_item_note/any(n:n/plt_name eq 'x')", 400, "0x80060888"),
        ("plt_title eq plt_count", 400, "0x80060888"),
        ("plt_title eq @none", 400, "0x80060888"),
        (" or ".join(["plt_count eq 1"] * 501), 400, "0x8004430c"),
        (
            f"{CRM}In(PropertyName='plt_count',PropertyValues=[" + ",".join(['"1"'] * 2001) + "])",
            400,
            "0x8004430e",
        ),
    ],
)
def test_a_wrong_condition_is_refused(api: Api, condition: str, status: int, code: str) -> None:
    said = api.refused("GET", f"plt_items?$filter={quote(condition, safe='')}")
    assert said[:2] == (status, code), said


@pytest.mark.covers("dv.filter.deep")
@pytest.mark.parametrize(
    "condition",
    [
        "not (" * 400 + "plt_count eq 1" + ")" * 400,
        "ownerid/businessunitid/" + "createdby/businessunitid/" * 40 + "name eq 'a'",
        "".join(f"plt_item_note/any(n{n}:n{n}/plt_name eq 'a' and " for n in range(40))
        + "plt_count eq 1"
        + ")" * 40,
    ],
)
def test_a_query_that_is_nested_too_deep_is_refused_in_words(api: Api, condition: str) -> None:
    status, code, words = api.refused("GET", f"plt_items?$filter={quote(condition, safe='')}")
    assert (status, code) == (400, "0x80060888")
    assert "nested too deep" in words


def test_twenty_levels_are_not_too_deep(find: Find) -> None:
    assert find("not (" * 20 + "plt_count eq 1" + ")" * 20) == [1]


@pytest.fixture(scope="module")
def dated() -> Iterator[Find]:
    """Items due at one time each, in a tenant whose clock stands at noon on Wednesday, 4 March 2026."""
    with Tenant() as own:
        own.clock.set(datetime(2026, 3, 4, 12, 0, tzinfo=UTC), frozen=True)
        api = Api(own)
        with api.session:
            provision(api)
            for number, due in enumerate(DUE):
                api.row(plt_text="dated", plt_count=number, plt_dueon=due)
            yield finder(api, "dated")


DUE = (
    "2024-12-31T23:59:59Z",  # 0: two years ago
    "2025-06-01T00:00:00Z",  # 1: last year
    "2026-02-10T00:00:00Z",  # 2: last month
    "2026-02-27T00:00:00Z",  # 3: last week
    "2026-03-01T00:00:00Z",  # 4: Sunday of this week
    "2026-03-03T23:59:59Z",  # 5: yesterday
    "2026-03-04T10:30:00Z",  # 6: today, 90 minutes ago
    "2026-03-04T12:00:00Z",  # 7: now
    "2026-03-04T13:00:00Z",  # 8: in an hour
    "2026-03-05T00:00:00Z",  # 9: tomorrow
    "2026-03-10T00:00:00Z",  # 10: next week
    "2026-04-01T00:00:00Z",  # 11: next month
    "2027-01-01T00:00:00Z",  # 12: next year
)


@pytest.mark.covers("dv.filter.spans")
@pytest.mark.parametrize(
    ("name", "number", "found"),
    [
        ("Yesterday", 0, [5]),
        ("Today", 0, [6, 7, 8]),
        ("Tomorrow", 0, [9]),
        ("LastWeek", 0, [3]),
        ("ThisWeek", 0, [4, 5, 6, 7, 8, 9]),
        ("NextWeek", 0, [10]),
        ("LastMonth", 0, [2, 3]),
        ("ThisMonth", 0, [4, 5, 6, 7, 8, 9, 10]),
        ("NextMonth", 0, [11]),
        ("LastYear", 0, [1]),
        ("ThisYear", 0, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
        ("NextYear", 0, [12]),
        ("Last7Days", 0, [3, 4, 5, 6, 7, 8]),
        ("Next7Days", 0, [6, 7, 8, 9, 10]),
        ("LastXHours", 2, [6, 7]),
        ("LastXHours", 1, [7]),
        ("NextXHours", 2, [7, 8]),
        ("LastXDays", 1, [5, 6, 7]),
        ("NextXDays", 1, [7, 8, 9]),
        ("LastXWeeks", 1, [3, 4, 5, 6, 7]),
        ("LastXMonths", 1, [2, 3, 4, 5, 6, 7]),
        ("NextXMonths", 1, [7, 8, 9, 10, 11]),
        ("LastXYears", 1, [1, 2, 3, 4, 5, 6, 7]),
        ("OlderThanXMinutes", 60, [0, 1, 2, 3, 4, 5, 6]),
        ("OlderThanXHours", 2, [0, 1, 2, 3, 4, 5]),
        ("OlderThanXDays", 2, [0, 1, 2, 3, 4]),
        ("OlderThanXMonths", 1, [0, 1]),
        ("OlderThanXYears", 1, [0]),
    ],
)
def test_a_span_of_time_finds(dated: Find, name: str, number: int, found: list[int]) -> None:
    value = f",PropertyValue={number}" if number else ""
    assert dated(f"{CRM}{name}(PropertyName='plt_dueon'{value})") == found
