"""Input that nobody should send is refused or answered, never a failure of the tenant."""

import json
import threading

import pytest

from tests.contract.sandbox_graph.sites import STRINGS, problem

JSON = {"Content-Type": "application/json"}
HUGE = "9" * 30
ODD = [
    None,
    True,
    0,
    -1,
    1e400,
    10**30,
    "",
    "x" * 300,
    "\x00",
    "👍",
    [],
    [[]],
    {},
    {"a": 1},
    ["x", 1],
    "2026-13-01",
]
KINDS = [
    {"name": "Team", "text": {}, "indexed": True},
    {"name": "Count", "number": {}, "indexed": True},
    {"name": "Open", "boolean": {}},
    {"name": "Due", "dateTime": {"format": "dateOnly"}},
    {"name": "Tags", "choice": {"choices": ["a"], "displayAs": "checkBoxes"}},
    {"name": "Owner", "personOrGroup": {}},
    {"name": "Reviewers", "personOrGroup": {"allowMultipleSelection": True}},
    {"name": "More", "hyperlinkOrPicture": {}},
]
NAMES = ["Title", "Team", "Count", "Open", "Due", "Tags", "OwnerLookupId", "ReviewersLookupId", "More"]


@pytest.mark.covers("sp.fields.types")
@pytest.mark.parametrize("name", NAMES)
def test_odd_values_are_taken_or_refused(site, name):
    made = site.new_list(*KINDS)
    taken = 0
    for value in ODD:
        body = {"fields": {name: value, f"{name}@odata.type": STRINGS}}
        said = made.site.graph.call(
            "POST",
            f"{site.path}{made.path}/items",
            data=json.dumps(body).encode(),
            headers=JSON | {"Prefer": "apiversion=2.1"},
        )
        assert said.status_code in (201, 400), (value, said.text)
        taken += said.status_code == 201
    assert len(made.get("/items?$expand=fields")["value"]) == taken < len(ODD)


@pytest.mark.covers("sp.filter.refused")
@pytest.mark.parametrize(
    "query",
    [
        f"$filter=fields/ID eq {HUGE}",
        f"$filter=fields/ID eq '{HUGE}'",
        f"$filter=fields/Count gt {HUGE}.5e10",
        "$filter=fields/Due eq '9999-12-31T23:59:59Z'",
        "$filter=" + "(" * 300 + "fields/ID eq 1" + ")" * 300,
        "$filter=" + " or ".join(["fields/ID eq 1"] * 1500),
        "$filter=fields/Team eq '%00'",
        '$filter=fields/T"x eq 1',
        "$filter=fields eq 1",
        "$filter=%FF",
        "$orderby=",
        "$orderby=fields/Team sideways",
        "$expand=fields($select=)",
        "$expand=fields($select=Title",
        "$expand=fields)(",
        "$select=",
        "$top=1&$top=2",
        f"$skiptoken={'A' * 5000}",
        "$skiptoken=W10.x",
    ],
)
def test_odd_queries_are_answered_or_refused(site, query):
    made = site.new_list(*KINDS)
    said = made.call("GET", f"/items?{query}")
    assert said.status_code in (200, 400, 501), said.text


@pytest.mark.covers("sp.item.get")
@pytest.mark.parametrize("item", [HUGE, "-1", "1.0", "²", "%00", "x'y", "delta", "$count"])
def test_odd_ids_name_nothing(site, item):
    made = site.new_list()
    assert made.call("PATCH", f"/items/{item}/fields", {"Title": "x"}).status_code in (404, 501)


@pytest.mark.covers("sp.column.facets")
@pytest.mark.parametrize("value", [None, True, 5, "x", [], [{}], {"name": 5}, {"name": "x", "number": 5}])
def test_odd_definitions_are_refused(site, value):
    made = site.new_list()
    assert made.call("POST", "/columns", value if value is not None else []).status_code == 400
    body = {"displayName": "x", "list": {"template": "genericList"}, "columns": [value]}
    assert problem(site.call("POST", "/lists", body))[0] == 400


@pytest.mark.covers("sp.column.names")
@pytest.mark.parametrize("name", ["x\"y'z", "x$.y", "x[0]", "größe", "a.b", "x" * 100, "Team@odata.type"])
def test_odd_names_of_columns_work_by_their_internal_name(site, name):
    made = site.new_list({"name": name, "text": {}, "indexed": True})
    column = next(each for each in made.get("/columns")["value"] if each["displayName"] == name)
    item = made.add(**{column["name"]: "x"})["id"]
    assert made.fields(item)[column["name"]] == "x"
    assert made.query(f"$filter=fields/{column['name']} eq 'X'") == [item]


@pytest.mark.covers("sp.item.etag")
def test_of_many_writers_with_the_same_etag_one_wins(site):
    made = site.new_list({"name": "Team", "text": {}})
    item = made.add(Title="x")
    results = []

    def write(number):
        path = f"{site.path}{made.path}/items/{item['id']}/fields"
        call = site.graph.web.request
        headers = {"Authorization": f"Bearer {site.graph.token}", "If-Match": item["eTag"]}
        url = site.graph.root + path
        results.append(
            call("PATCH", url, json={"Team": str(number)}, headers=headers, timeout=30).status_code
        )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200] + [412] * 7
