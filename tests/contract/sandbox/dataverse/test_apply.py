"""`$apply`: filtered, grouped and aggregated rows (dataverse.md section 3)."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.tenant import Tenant
from tests.contract.sandbox.dataverse.conftest import Api, fill, provision

type Apply = Callable[..., list[dict[str, Any]]]
NOTE = "OData.Community.Display.V1.FormattedValue"
ROWS: list[dict[str, Any]] = [
    {"plt_title": "red", "plt_count": 1, "plt_share": 0.1, "plt_priority": 727000000, "plt_urgent": True},
    {"plt_title": "RED", "plt_count": 2, "plt_share": 0.2, "plt_priority": 727000001},
    {"plt_title": "blue", "plt_count": 4, "plt_share": 0.4, "plt_priority": 727000001},
    {"plt_title": None, "plt_count": 4, "plt_dueon": "2026-03-02T10:00:00Z"},
]


@pytest.fixture(scope="module")
def apply(api: Api) -> Apply:
    """Answers of `$apply` over four items of one mark, the first of which has two notes."""
    mark = uuid.uuid4().hex
    items = [api.row(plt_text=mark, **row) for row in ROWS]
    for _ in range(2):
        api.made("plt_notes", {"plt_name": mark, "plt_Item@odata.bind": f"/plt_items({items[0]})"})
    api.made("plt_notes", {"plt_name": mark, "plt_Item@odata.bind": f"/plt_items({items[3]})"})
    api.made("plt_notes", {"plt_name": mark})

    def answered(
        steps: str, more: str = "", table: str = "plt_items", **headers: str
    ) -> list[dict[str, Any]]:
        column = "plt_text" if table == "plt_items" else "plt_name"
        said = api.get(f"{table}?$apply=filter({column} eq '{mark}')/{steps}{more}", **headers)
        assert said["@odata.context"].endswith(f"$metadata#{table}")
        return list(said["value"])

    return answered


@pytest.mark.covers("dv.apply.aggregate")
@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$count", 4),
        ("plt_count with sum", 11),
        ("plt_share with sum", 0.7),
        ("plt_share with average", 0.2333333333),
        ("plt_count with min", 1),
        ("plt_count with max", 4),
        ("plt_dueon with max", "2026-03-02T10:00:00Z"),
        ("plt_count with countdistinct", 3),
        ("plt_title with countdistinct", 2),
        ("createdby/fullname with countdistinct", 1),
    ],
)
def test_an_aggregate_is_taken_of_all_rows(apply: Apply, expression: str, value: Any) -> None:
    assert apply(f"aggregate({expression} as x)") == [{"x": value}]


@pytest.mark.covers("dv.apply.groupby")
def test_groups_have_their_aggregates_and_leave_out_what_is_empty(apply: Apply) -> None:
    found = apply(
        "groupby((plt_priority),aggregate(plt_count with sum as total,$count as c,plt_share with max as m))"
    )
    assert found == [
        {"total": 4, "c": 1},
        {"plt_priority": 727000000, "total": 1, "c": 1, "m": 0.1},
        {"plt_priority": 727000001, "total": 6, "c": 2, "m": 0.4},
    ]


@pytest.mark.covers("dv.apply.groupby")
def test_distinct_values_are_groups_without_aggregates(apply: Apply) -> None:
    assert [row.get("plt_title", "").lower() for row in apply("groupby((plt_title))")] == ["", "blue", "red"]
    two = apply("filter(plt_count gt 1)/groupby((plt_count,plt_urgent))")
    assert two == [{"plt_count": 2, "plt_urgent": False}, {"plt_count": 4, "plt_urgent": False}]


@pytest.mark.covers("dv.apply.lookup")
def test_groups_are_made_by_lookups_and_by_columns_behind_them(apply: Apply) -> None:
    by_lookup = apply("groupby((_plt_item_value),aggregate($count as c))", table="plt_notes")
    assert sorted(row["c"] for row in by_lookup) == [1, 1, 2]
    assert len([row for row in by_lookup if "_plt_item_value" in row]) == 2
    behind = apply("groupby((plt_Item/plt_title),aggregate($count as c))", table="plt_notes")
    assert behind == [{"c": 2}, {"plt_item_plt_title": "red", "c": 2}]
    of_lookup = apply("groupby((_createdby_value))", Prefer='odata.include-annotations="*"')
    assert of_lookup[0][f"_createdby_value@{NOTE}"] == "# Application"
    assert of_lookup[0]["_createdby_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"


@pytest.mark.covers("dv.apply.notes")
def test_groups_and_aggregates_have_their_texts(apply: Apply) -> None:
    steps = "filter(plt_count eq 1)/groupby((plt_priority,plt_urgent),aggregate($count as c,plt_share with sum as s))"
    (row,) = apply(steps, Prefer=f'odata.include-annotations="{NOTE}"')
    texts = {name.partition("@")[0]: text for name, text in row.items() if "@" in name}
    assert texts == {"plt_priority": "High", "plt_urgent": "Yes", "c": "1", "s": "0.10"}


@pytest.mark.covers("dv.apply.order")
def test_groups_are_ordered_limited_and_paged(api: Api, apply: Apply) -> None:
    steps = "groupby((plt_count),aggregate($count as c))"
    assert [row["plt_count"] for row in apply(steps, "&$orderby=plt_count desc&$top=2")] == [4, 2]
    seen, link = [], "plt_items?$apply=groupby((plt_count))"
    while link:
        page = api.get(link, Prefer="odata.maxpagesize=2")
        seen += [row.get("plt_count") for row in page["value"]]
        link = page.get("@odata.nextLink", "")
    assert len(seen) == len(set(seen)) >= 3


@pytest.mark.covers("dv.apply.refused", "dv.apply.elsewhere")
@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("$apply=groupby((plt_missing))", 400, "0x0"),
        ("$apply=aggregate(plt_missing with sum as x)", 400, "0x0"),
        ("$apply=aggregate(plt_title with sum as x)", 400, "0x80060888"),
        ("$apply=aggregate(plt_title with max as x)", 400, "0x80060888"),
        ("$apply=aggregate(plt_count with median as x)", 400, "0x80060888"),
        ("$apply=aggregate(plt_count with sum)", 400, "0x80060888"),
        ("$apply=groupby((plt_count),aggregate($count as plt_count))", 400, "0x80060888"),
        ("$apply=groupby(plt_count)", 400, "0x80060888"),
        ("$apply=groupby(())", 400, "0x80060888"),
        ("$apply=groupby((createdon))", 400, "0x80060888"),
        ("$apply=aggregate()", 400, "0x80060888"),
        ("$apply=sum(plt_count)", 400, "0x80060888"),
        ("$apply=plt_count", 400, "0x80060888"),
        ("$apply=", 400, "0x80060888"),
        ("$apply=groupby((plt_count),aggregate($count as c))&$orderby=c desc", 400, "0x80060888"),
        ("$apply=groupby((plt_count))&$orderby=plt_count down", 400, "0x80060888"),
        ("$apply=groupby((plt_count))&$top=many", 400, "0x80060888"),
        ("$apply=filter(plt_count eq 1)", 501, "0x80040800"),
        ("$apply=groupby((plt_count))/filter(plt_count eq 1)", 501, "0x80040800"),
        ("$apply=groupby((plt_count),topcount(1,plt_count))", 501, "0x80040800"),
        ("$apply=compute(plt_count add 1 as x)", 501, "0x80040800"),
        ("$apply=groupby((plt_count))&$filter=plt_count eq 1", 501, "0x80040800"),
    ],
)
def test_what_cannot_be_applied_is_refused(api: Api, query: str, status: int, code: str) -> None:
    said = api.refused("GET", f"plt_items?{query}")
    assert said[:2] == (status, code), said


@pytest.fixture(scope="module")
def crowded() -> Iterator[Api]:
    """A tenant with 50,001 items, of which one has another count."""
    with Tenant() as own:
        api = Api(own)
        with api.session:
            provision(api)
            fill(own, 50_000)
            api.row(plt_count=1)
            yield api


@pytest.mark.covers("dv.fetch.limit")
def test_fetchxml_aggregates_no_more_either(crowded: Api) -> None:
    xml = (
        "<fetch aggregate='true' {}><entity name='plt_item'><attribute name='plt_count' alias='c' aggregate='count'/>"
        "<filter><condition attribute='plt_count' operator='le' value='{}'/></filter></entity></fetch>"
    )
    for limit, count in (("", 1), ("aggregatelimit='100'", 0)):
        query = f"plt_items?fetchXml={quote(xml.format(limit, count), safe='')}"
        assert crowded.refused("GET", query)[:2] == (400, "0x8004e023")
    whole = crowded.get(f"plt_items?fetchXml={quote(xml.format('', 0), safe='')}")
    assert whole["value"] == [{"c": 50_000}]


@pytest.mark.covers("dv.apply.limit")
def test_more_rows_than_50_000_are_not_aggregated(crowded: Api) -> None:
    steps = "aggregate($count as c)"
    assert crowded.refused("GET", f"plt_items?$apply={steps}")[:2] == (400, "0x8004e023")
    exact = crowded.get(f"plt_items?$apply=filter(plt_count eq 0)/{steps}")
    assert exact["value"] == [{"c": 50_000}]
