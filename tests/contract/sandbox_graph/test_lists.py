"""Lists, their columns and content types."""

import pytest

from tests.contract.sandbox_graph.sites import problem

GENERIC = {"template": "genericList"}


def column(made, name):
    return next(each for each in made.get("/columns")["value"] if each["name"] == name)


def add_column(made, **body):
    said = made.call("POST", "/columns", body)
    assert said.status_code == 201, said.text
    return said.json()


@pytest.mark.covers("sp.list.create", "sp.list.get")
def test_a_list_is_made_with_its_columns_and_found_by_id_and_title(site):
    body = {
        "displayName": "Books of record",
        "description": "For the desk",
        "columns": [{"name": "Team", "choice": {"choices": ["HR", "IT"]}}, {"name": "Pages", "number": {}}],
        "list": GENERIC,
    }
    said = site.call("POST", "/lists", body)
    assert said.status_code == 201
    made = said.json()
    assert (made["displayName"], made["description"]) == ("Books of record", "For the desk")
    assert made["list"] == {"contentTypesEnabled": False, "hidden": False, "template": "genericList"}
    assert site.get("/lists/Books of record")["id"] == site.get(f"/lists/{made['id']}")["id"] == made["id"]
    assert site.get("/lists('Books of record')")["eTag"] == made["eTag"]
    names = {each["name"] for each in site.get(f"/lists/{made['id']}/columns")["value"]}
    assert {"Title", "Team", "Pages", "Created", "Modified", "Author", "Editor", "ContentType"} <= names


@pytest.mark.covers("sp.list.taken")
def test_a_title_in_use_is_refused_without_regard_to_case(site):
    site.new_list(title="Articles")
    said = site.call("POST", "/lists", {"displayName": "ARTICLES", "list": GENERIC})
    assert problem(said)[:2] == (409, "nameAlreadyExists")


@pytest.mark.covers("sp.list.create")
def test_definitions_of_lists_that_cannot_be_made_are_refused_and_leave_nothing(site):
    before = len(site.get("/lists")["value"])
    for body in (
        {"list": GENERIC},
        {"displayName": "x"},
        {"displayName": "x", "list": {}},
        {"displayName": "x", "name": "x", "list": GENERIC},
        {"displayName": "x", "list": GENERIC, "colour": "red"},
        {"displayName": "x", "list": GENERIC | {"colour": "red"}},
        {"displayName": "x", "list": GENERIC, "columns": [{"name": "ok", "text": {}}, {"name": "bad"}]},
        {"displayName": "x", "list": GENERIC, "columns": {"name": "ok", "text": {}}},
    ):
        assert problem(site.call("POST", "/lists", body))[:2] == (400, "invalidRequest"), body
    assert len(site.get("/lists")["value"]) == before


@pytest.mark.covers("sp.list.template")
def test_libraries_cannot_be_made(site):
    said = site.call("POST", "/lists", {"displayName": "Files", "list": {"template": "documentLibrary"}})
    assert said.status_code == 501


@pytest.mark.covers("sp.list.all")
def test_hidden_lists_are_listed_only_when_system_is_selected(site):
    site.new_list(title="One")
    plain = site.get("/lists")["value"]
    assert [each["displayName"] for each in plain] == ["One", "Site Pages"]
    found = site.get("/lists?$select=displayName,system")["value"]
    assert {each["displayName"]: "system" in each for each in found} == {
        "One": False,
        "Site Pages": False,
        "User Information List": True,
    }
    assert [each["displayName"] for each in site.get("/lists?$filter=displayName eq 'one'")["value"]] == [
        "One"
    ]
    assert site.call("GET", "/lists?$filter=name eq 'One'").status_code == 501


@pytest.mark.covers("sp.list.change")
def test_a_list_is_renamed_and_deleted(site):
    one, other = site.new_list(title="One"), site.new_list(title="Other")
    assert one.call("PATCH", "", {"displayName": "Other"}).status_code == 409
    assert (
        one.call("PATCH", "", {"displayName": "Uno", "description": "first"}).json()["displayName"] == "Uno"
    )
    assert site.get("/lists/Uno")["id"] == one.id
    other.add(Title="x")
    assert other.call("DELETE").status_code == 204
    assert problem(other.call("GET"))[:2] == (404, "itemNotFound")
    assert site.call("DELETE", "/lists/Site Pages").status_code == 400


@pytest.mark.covers("sp.list.expand")
def test_a_list_brings_its_columns_items_and_content_types_when_expanded(site):
    made = site.new_list({"name": "Team", "text": {}})
    made.add(Title="One", Team="HR")
    both = made.get("?$expand=columns,items($expand=fields($select=Title,Team);$select=id),contentTypes")
    assert "Team" in [each["name"] for each in both["columns"]]
    assert [each["name"] for each in both["contentTypes"]] == ["Item", "Folder"]
    [item] = both["items"]
    assert {name for name in item if "@" not in name} == {"id", "fields"}
    assert item["fields"]["Team"] == "HR"
    assert made.call("GET", "?$expand=drive").status_code == 501
    assert made.call("GET", "?$expand=items($expand").status_code == 400


@pytest.mark.covers("sp.contenttypes")
def test_a_list_has_content_types_for_items_and_folders(site):
    found = site.new_list().get("/contentTypes")["value"]
    assert [(each["name"], each["id"][:6]) for each in found] == [("Item", "0x0100"), ("Folder", "0x0120")]


@pytest.mark.covers("sp.column.create", "sp.column.facets")
def test_every_kind_of_column_is_filled_up_by_the_server(site):
    other = site.new_list(title="Teams")
    made = site.new_list()
    facets = {
        "text": ({}, {"allowMultipleLines": False, "maxLength": 255}),
        "number": ({"decimalPlaces": "two"}, {"decimalPlaces": "two", "displayAs": "number"}),
        "currency": ({"locale": "en-gb"}, {"locale": "en-gb"}),
        "boolean": ({}, {}),
        "choice": (
            {"choices": ["a"]},
            {"choices": ["a"], "allowTextEntry": False, "displayAs": "dropDownMenu"},
        ),
        "dateTime": ({"format": "dateOnly"}, {"format": "dateOnly", "displayAs": "default"}),
        "personOrGroup": ({}, {"allowMultipleSelection": False, "chooseFromType": "peopleOnly"}),
        "lookup": ({"listId": other.id}, {"listId": other.id, "columnName": "Title"}),
        "hyperlinkOrPicture": ({}, {"isPicture": False}),
        "calculated": ({"formula": '=[Title]&"!"'}, {"outputType": "text"}),
    }
    for facet, (given, wanted) in facets.items():
        said = add_column(made, name=f"My{facet}", **{facet: given})
        assert wanted.items() <= said[facet].items(), facet
        assert made.get(f"/columns/{said['id']}")["name"] == f"My{facet}"
        assert (said["indexed"], said["enforceUniqueValues"], said["required"]) == (False, False, False)


@pytest.mark.covers("sp.column.facets")
def test_a_column_has_exactly_one_known_facet(site):
    made = site.new_list()
    for body in (
        {"name": "x"},
        {"text": {}},
        {"name": "x", "text": {}, "number": {}},
        {"name": "x", "text": {"colour": "red"}},
        {"name": "x", "text": {"maxLength": "long"}},
        {"name": "x", "text": {}, "indexed": "yes"},
        {"name": "x", "text": {}, "colour": "red"},
        {"name": "x", "choice": {"choices": [1]}},
        {"name": "x", "dateTime": {"format": "weekly"}},
        {"name": "x", "lookup": {"listId": "nothing"}},
        {"name": "x", "calculated": {}},
        {"name": "x", "calculated": {"formula": "=[Nothing]"}},
        {"name": "x", "calculated": {"formula": "=[Title]&("}},
    ):
        assert problem(made.call("POST", "/columns", body))[:2] == (400, "invalidRequest"), body


@pytest.mark.covers("sp.column.elsewhere")
def test_other_kinds_of_columns_are_not_offered(site):
    made = site.new_list()
    for facet in ("term", "thumbnail", "geolocation", "contentApprovalStatus"):
        assert made.call("POST", "/columns", {"name": "x", facet: {}}).status_code == 501
    assert (
        made.call("POST", "/columns", {"name": "x", "calculated": {"formula": "=TODAY()"}}).status_code == 501
    )


@pytest.mark.covers("sp.column.names")
def test_the_internal_name_of_a_column_is_fixed_when_it_is_made(site):
    made = site.new_list()
    said = add_column(made, name="Review date", text={})
    assert (said["name"], said["displayName"]) == ("Review_x0020_date", "Review date")
    patched = made.call("PATCH", f"/columns/{said['id']}", {"displayName": "Next review"}).json()
    assert (patched["name"], patched["displayName"]) == ("Review_x0020_date", "Next review")
    item = made.add(Review_x0020_date="soon")["id"]
    assert made.fields(item, "Review_x0020_date")["Review_x0020_date"] == "soon"
    assert made.call("POST", "/items", {"fields": {"Next review": "x"}}).status_code == 400
    assert made.call("PATCH", f"/columns/{said['id']}", {"name": "Next"}).status_code == 400
    assert problem(made.call("POST", "/columns", {"name": "review date", "text": {}}))[0] == 409
    assert problem(made.call("POST", "/columns", {"name": "Modified", "text": {}}))[0] == 409


@pytest.mark.covers("sp.column.index")
def test_unique_values_need_an_index_and_some_kinds_take_none(site):
    made = site.new_list()
    body = {"name": "Key", "text": {}, "enforceUniqueValues": True}
    assert problem(made.call("POST", "/columns", body))[:2] == (400, "invalidRequest")
    assert add_column(made, **body, indexed=True)["enforceUniqueValues"] is True
    for facet, value in (("text", {"allowMultipleLines": True}), ("choice", {"displayAs": "checkBoxes"})):
        said = made.call("POST", "/columns", {"name": "y", facet: value, "indexed": True})
        assert problem(said)[:2] == (400, "invalidRequest")
    modified = column(made, "Modified")
    assert made.call("PATCH", f"/columns/{modified['id']}", {"indexed": True}).json()["indexed"] is True
    assert made.call("PATCH", f"/columns/{modified['id']}", {"hidden": True}).status_code == 400


@pytest.mark.covers("sp.column.index")
def test_a_list_has_at_most_twenty_indexes(site):
    made = site.new_list(*({"name": f"c{n}", "text": {}, "indexed": True} for n in range(20)))
    said = made.call("POST", "/columns", {"name": "more", "text": {}, "indexed": True})
    assert problem(said)[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.column.index")
def test_a_very_large_list_takes_no_new_index(own_site):
    made = own_site.new_list({"name": "Team", "text": {}})
    path = f"/columns/{column(made, 'Team')['id']}"
    with own_site.tenant.store.write() as db:
        db.execute("UPDATE sp_list SET size = 20001 WHERE id = ?", (made.id,))
    assert problem(made.call("PATCH", path, {"indexed": True}))[:2] == (400, "invalidRequest")
    assert made.call("PATCH", path, {"description": "x"}).status_code == 200


@pytest.mark.covers("sp.column.change")
def test_a_column_is_changed_within_its_kind_and_deleted_with_its_values(site):
    made = site.new_list({"name": "Team", "choice": {"choices": ["HR"]}})
    item = made.add(Team="HR")["id"]
    team = column(made, "Team")
    path = f"/columns/{team['id']}"
    said = made.call(
        "PATCH", path, {"choice": {"choices": ["HR", "IT"]}, "required": True, "description": "d"}
    )
    assert said.json()["choice"] == team["choice"] | {"choices": ["HR", "IT"]}
    assert made.change(item, {"Team": "IT"}).status_code == 200
    assert made.call("PATCH", path, {"text": {}}).status_code == 400
    assert made.call("DELETE", path).status_code == 204
    assert "Team" not in made.fields(item)
    assert made.call("GET", path).status_code == 404
    assert made.call("DELETE", f"/columns/{column(made, 'Title')['id']}").status_code == 400


@pytest.mark.covers("sp.column.change")
def test_a_column_with_doubles_cannot_become_unique_and_stays_as_it_was(site):
    made = site.new_list({"name": "Key", "text": {}})
    made.seed([{"Key": "a"}, {"Key": "A"}])
    path = f"/columns/{column(made, 'Key')['id']}"
    assert made.call("PATCH", path, {"indexed": True, "enforceUniqueValues": True}).status_code == 400
    assert made.get(path)["enforceUniqueValues"] is False
    assert made.add(Key="a")["id"] == "3"


@pytest.mark.covers("sp.column.required")
def test_required_binds_the_form_and_not_the_api(site):
    made = site.new_list({"name": "Team", "text": {}, "required": True})
    assert column(made, "Team")["required"] is True
    assert made.add()["id"] == "1"


@pytest.mark.covers("sp.column.hidden", "sp.column.readonly")
def test_hidden_columns_come_only_when_named_and_read_only_ones_are_not_written(site):
    made = site.new_list(
        {"name": "Secret", "text": {}, "hidden": True}, {"name": "Fixed", "text": {}, "readOnly": True}
    )
    item = made.add(Secret="x")["id"]
    assert "Secret" not in made.fields(item)
    assert made.fields(item, "Secret")["Secret"] == "x"
    assert problem(made.change(item, {"Fixed": "x"})) == (400, "invalidRequest", "Field 'Fixed' is read-only")
