"""$filter and $orderby of list items."""

import pytest

HONOR = {"Prefer": "HonorNonIndexedQueriesWarningMayFailRandomly"}


def indexed(name, **facet):
    return {"name": name, "indexed": True, **facet}


@pytest.fixture
def made(site):
    teams = site.new_list(title="Teams")
    teams.seed([{"Title": "Payroll"}, {"Title": "Legal"}])
    made = site.new_list(
        indexed("Team", text={}),
        indexed("Count", number={}),
        indexed("Open", boolean={}),
        indexed("Due", dateTime={}),
        indexed("State", choice={"choices": ["Draft", "Live"]}),
        indexed("Home", lookup={"listId": teams.id}),
        {"name": "Free", "text": {}},
        {"name": "Notes", "text": {"allowMultipleLines": True}},
    )
    made.seed(
        [
            {"Team": "HR", "Count": 1, "Open": True, "Due": "2026-01-01T00:00:00Z", "State": "Draft"},
            {"Team": "it's", "Count": 2.5, "Open": False, "Due": "2026-03-01T00:00:00Z", "HomeLookupId": 2},
            {"Count": 10, "State": "Live", "Free": "x"},
        ]
    )
    return made


@pytest.mark.covers("sp.filter")
@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("fields/Team eq 'hr'", ["1"]),
        ("fields/Team eq 'it''s'", ["2"]),
        ("fields/Team ne 'HR'", ["2", "3"]),
        ("fields/Team eq null", ["3"]),
        ("fields/Team ne null", ["1", "2"]),
        ("startswith(fields/Team,'H')", ["1"]),
        ("fields/Count gt 2", ["2", "3"]),
        ("fields/Count gt 1 and fields/Count lt 10", ["2"]),
        ("fields/Open eq true", ["1"]),
        ("fields/State eq 'Live' or fields/State eq 'Draft'", ["1", "3"]),
        ("fields/Open eq 0", ["2"]),
        ("fields/Due ge '2026-02-01T00:00:00Z'", ["2"]),
        ("fields/Due lt 2026-02-01T00:00:00Z", ["1"]),
        ("fields/HomeLookupId eq '2'", ["2"]),
        ("fields/HomeLookupId eq 2", ["2"]),
    ],
)
def test_items_are_filtered_by_indexed_columns(made, wanted, ids):
    assert made.query(f"$filter={wanted}") == ids


@pytest.mark.covers("sp.filter.one")
@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("fields/Count le 2.5 and fields/Open eq true", ["1"]),
        ("fields/State eq 'Live' or fields/Count eq 1", ["1", "3"]),
        ("fields/ID gt 1 and (fields/Count eq 10 or fields/Team eq 'HR')", ["3"]),
    ],
)
def test_only_one_indexed_field_is_filtered_at_a_time_unless_the_caller_takes_the_risk(made, wanted, ids):
    assert made.refused(f"$filter={wanted}")[:2] == (400, "invalidRequest")
    assert made.query(f"$filter={wanted}", **HONOR) == ids


@pytest.mark.covers("sp.filter.refused")
@pytest.mark.parametrize(
    "wanted",
    [
        "fields/Colour eq 'red'",
        "fields/Notes eq 'x'",
        "fields/Count eq 'many'",
        "fields/Team eq 1",
        "fields/Open eq 'yes'",
        "fields/Due eq 'soon'",
        "fields/Team gt null",
        "fields/Team eq",
        "",
    ],
)
def test_filters_that_cannot_be_read_are_refused(made, wanted):
    assert made.refused(f"$filter={wanted}")[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.filter.elsewhere")
@pytest.mark.parametrize(
    "query",
    [
        "$filter=contains(fields/Team,'H')",
        "$filter=createdDateTime gt 2026-01-01T00:00:00Z",
        "$filter=fields/Home eq 'Legal'",
        "$orderby=fields/Team,fields/Count",
        "$orderby=createdDateTime",
    ],
)
def test_other_kinds_of_queries_are_not_offered(made, query):
    assert made.refused(query)[0] == 501


@pytest.mark.covers("sp.filter.unindexed")
@pytest.mark.parametrize(
    "query",
    [
        "$filter=fields/Free eq 'x'",
        "$orderby=fields/Free",
        "$filter=fields/Team eq 'x' or fields/Free eq 'x'",
    ],
)
def test_a_column_without_an_index_is_refused_unless_the_caller_takes_the_risk(made, query):
    status, code, words = made.refused(query)
    assert (status, code) == (400, "invalidRequest")
    assert "Field 'Free' cannot be referenced in filter or orderby as it is not indexed." in words
    assert "3" in made.query(query, **HONOR)


@pytest.mark.covers("sp.filter.unindexed")
def test_titles_and_dates_of_change_have_no_index_of_their_own(made):
    for name in ("Title", "Modified", "Created"):
        assert "not indexed" in made.refused(f"$orderby=fields/{name}")[2]


@pytest.mark.covers("sp.orderby")
def test_sorted_items_come_in_pages_with_empty_values_first(made):
    made.seed([{"Team": "hr", "Count": 0}, {"Count": 2.5}])
    for query, ids in (
        ("$orderby=fields/Team", ["3", "5", "1", "4", "2"]),
        ("$orderby=fields/Count desc", ["3", "2", "5", "1", "4"]),
        ("$orderby=fields/ID desc", ["5", "4", "3", "2", "1"]),
    ):
        found, page = [], made.get(f"/items?{query}&$top=2")
        found += page["value"]
        while "@odata.nextLink" in page:
            page = made.site.get(page["@odata.nextLink"])
            found += page["value"]
        assert [each["id"] for each in found] == ids, query


@pytest.mark.covers("sp.threshold")
def test_above_five_thousand_items_only_narrow_indexed_queries_pass(site):
    made = site.new_list(indexed("Team", text={}), {"name": "Free", "text": {}})
    made.seed([{"Team": "HR" if n < 10 else "IT", "Free": str(n)} for n in range(5001)])
    assert made.query("$filter=fields/Team eq 'HR'&$top=3") == ["1", "2", "3"]
    assert made.query("$filter=fields/Team eq 'HR' and fields/Free eq '7'", **HONOR) == ["8"]
    assert made.query("$orderby=fields/Team&$top=1") == ["1"]
    for query in (
        "$filter=fields/Free eq '7'",
        "$filter=fields/Free eq '7' and fields/Team eq 'HR'",
        "$orderby=fields/Free",
    ):
        status, code, words = made.refused(query, **HONOR)
        assert (status, code) == (400, "invalidRequest")
        assert "list view threshold" in words
    made.seed([{"Team": "IT"}] * 10)
    assert "list view threshold" in made.refused("$filter=fields/Team eq 'IT'")[2]
