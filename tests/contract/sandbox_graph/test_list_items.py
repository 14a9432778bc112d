"""Items of lists: create, read, change, delete, eTags."""

import pytest

from tests.contract.sandbox_graph.sites import problem

TEXT = {"name": "Team", "text": {}}


@pytest.mark.covers("sp.item.create", "sp.item.get")
def test_an_item_is_made_and_read_back_without_its_fields_unless_they_are_expanded(site):
    made = site.new_list(TEXT)
    said = made.call("POST", "/items", {"fields": {"Title": "Leave", "Team": "HR"}})
    assert said.status_code == 201
    item = said.json()
    assert item["fields"]["Team"] == "HR"
    assert item["contentType"]["name"] == "Item"
    assert item["parentReference"]["siteId"] == site.id
    assert item["createdBy"]["application"]["displayName"]
    plain = made.get(f"/items/{item['id']}")
    assert "fields" not in plain
    assert plain["eTag"] == plain["@odata.etag"] == item["eTag"]
    guid, _, version = plain["eTag"].strip('"').partition(",")
    assert (len(guid), version) == (36, "1")


@pytest.mark.covers("sp.fields.service")
def test_service_columns_come_with_the_default_fields(site):
    made = site.new_list(TEXT)
    item = made.add(Title="Leave")
    fields = made.fields(item["id"])
    assert fields["Modified"] == fields["Created"] == item["createdDateTime"]
    assert (fields["ContentType"], fields["_UIVersionString"], fields["Attachments"]) == (
        "Item",
        "1.0",
        False,
    )
    assert fields["LinkTitle"] == fields["LinkTitleNoMenu"] == "Leave"
    assert (fields["id"], fields["AuthorLookupId"], fields["Edit"]) == (item["id"], "1", "")
    assert (fields["ItemChildCount"], fields["FolderChildCount"]) == ("0", "0")
    assert "Team" not in fields


@pytest.mark.covers("sp.item.select")
def test_select_narrows_the_item_and_its_fields(site):
    made = site.new_list(TEXT)
    item = made.add(Title="Leave", Team="HR")["id"]
    both = made.get(f"/items/{item}?$select=id&$expand=fields($select=Team)")
    assert {name for name in both if "@" not in name} == {"id", "fields"}
    assert {name for name in both["fields"] if "@" not in name} == {"Team"}
    assert made.get(f"/items/{item}/fields?$select=Title")["Title"] == "Leave"
    for path in (f"/items/{item}", "/items"):
        bare = made.get(f"{path}?expand=fields(select=Team)")
        assert "Title" not in bare.get("value", [bare])[0]["fields"]
    for query in ("?$select=colour", "?$expand=fields($select=Colour)", "?$expand=fields(order=Team)"):
        assert problem(made.call("GET", f"/items/{item}{query}"))[:2] == (400, "invalidRequest"), query


@pytest.mark.covers("sp.item.patch")
def test_changing_fields_answers_with_all_of_them_and_keeps_the_others(site):
    made = site.new_list(TEXT)
    item = made.add(Title="Leave", Team="HR")
    said = made.change(item["id"], {"Title": "Parental leave"})
    assert said.status_code == 200
    assert (said.json()["Title"], said.json()["Team"]) == ("Parental leave", "HR")
    assert said.json()["@odata.etag"] != item["eTag"]
    assert said.json()["_UIVersionString"] == "2.0"
    assert "Team" not in made.change(item["id"], {"Team": None}).json()


@pytest.mark.covers("sp.item.patch")
def test_an_item_takes_fields_too_and_nothing_else(site):
    made = site.new_list(TEXT)
    item = made.add(Title="Leave")["id"]
    said = made.call("PATCH", f"/items/{item}", {"fields": {"Team": "IT"}})
    assert (said.status_code, said.json()["id"]) == (200, item)
    assert made.fields(item)["Team"] == "IT"
    assert problem(made.call("PATCH", f"/items/{item}", {"Team": "x"}))[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.item.etag")
def test_if_match_lets_only_the_latest_reader_write(site):
    made = site.new_list(TEXT)
    item = made.add(Title="Leave")
    stale, path = item["eTag"], f"/items/{item['id']}"
    assert made.change(item["id"], {"Team": "HR"}, If_Match=stale).status_code == 200
    for said in (
        made.change(item["id"], {"Team": "IT"}, If_Match=stale),
        made.call("PATCH", path, {"fields": {}}, If_Match=stale),
        made.call("DELETE", path, If_Match=stale),
    ):
        assert problem(said)[:2] == (412, "resourceModified")
    assert made.fields(item["id"])["Team"] == "HR"
    assert made.change(item["id"], {"Team": "IT"}, If_Match="*").status_code == 200
    fresh = made.get(path)["eTag"]
    assert fresh.endswith(',3"')
    assert made.call("DELETE", path, If_Match=fresh).status_code == 204


@pytest.mark.covers("sp.item.bump")
def test_a_system_update_raises_the_etag_without_a_change_of_content(site):
    made = site.new_list(TEXT)
    item = made.add(Title="Leave", Team="HR")
    before = made.fields(item["id"])
    made.touch(item["id"])
    after = made.fields(item["id"])
    assert after["@odata.etag"] != before["@odata.etag"]
    assert {**after, "@odata.etag": ""} == {**before, "@odata.etag": ""}
    assert made.change(item["id"], {"Team": "x"}, If_Match=item["eTag"]).status_code == 412


@pytest.mark.covers("sp.item.author")
def test_an_item_names_who_made_it_and_who_changed_it_last(site):
    made = site.new_list()
    ada = site.person("Ada Quist", "editor@people.example")
    item = made.add(Title="Leave")["id"]
    made.edit_as(ada, item, Title="Parental leave")
    shown = made.get(f"/items/{item}?$expand=fields($select=Title,Author,Editor,EditorLookupId)")
    assert shown["createdBy"]["application"]["id"]
    user = shown["lastModifiedBy"]["user"]
    assert (user["displayName"], user["email"]) == ("Ada Quist", "editor@people.example")
    new_mailbox = f"{site.control}/_sandbox/mailboxes/editor@people.example"
    site.graph.web.put(new_mailbox, json={"displayName": "Ada Quist", "kind": "user"}, timeout=10)
    assert site.graph.get("/users/editor@people.example").json()["id"] == user["id"]
    fields = shown["fields"]
    assert (fields["Title"], fields["Editor"]) == ("Parental leave", "Ada Quist")
    assert (fields["EditorLookupId"], fields["Author"]) == (str(ada), "SharePoint App")
    [seeded] = made.seed([{"Title": "x"}], by=ada)
    assert made.get(f"/items/{seeded}")["createdBy"]["user"]["displayName"] == "Ada Quist"


@pytest.mark.covers("sp.item.delete")
def test_a_deleted_item_is_gone_and_its_number_is_not_used_again(site):
    made = site.new_list()
    item = made.add(Title="One")["id"]
    assert made.call("DELETE", f"/items/{item}").status_code == 204
    for method, path, body in (("GET", "", None), ("PATCH", "/fields", {"Title": "x"}), ("DELETE", "", None)):
        assert problem(made.call(method, f"/items/{item}{path}", body))[:2] == (404, "itemNotFound")
    assert made.add(Title="Two")["id"] == "2"
    assert problem(made.call("GET", "/items/none"))[:2] == (404, "itemNotFound")


@pytest.mark.covers("sp.item.folder")
def test_folders_are_items_of_their_own_content_type(site):
    made = site.new_list()
    said = made.call("POST", "/items", {"fields": {"Title": "2026"}, "contentType": {"name": "Folder"}})
    assert said.json()["contentType"]["name"] == "Folder"
    made.seed([{"Title": "2027"}], folder=True)
    kinds = [each["contentType"]["name"] for each in made.get("/items")["value"]]
    assert kinds == ["Folder", "Folder"]
    said = made.call("POST", "/items", {"fields": {}, "contentType": {"name": "Task"}})
    assert problem(said)[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.items.pages")
def test_items_come_in_pages_that_are_followed_by_opaque_links(site):
    made = site.new_list()
    made.seed([{"Title": str(n)} for n in range(450)])
    first = made.get("/items?$expand=fields($select=Title)")
    assert len(first["value"]) == 200
    assert "$skiptoken=" in first["@odata.nextLink"]
    made.call("DELETE", "/items/200")  # the last one shown: the next page still goes on behind it
    second = site.get(first["@odata.nextLink"])
    assert second["value"][0]["id"] == "201"
    assert second["value"][0]["fields"]["Title"] == "200"
    third = site.get(second["@odata.nextLink"])
    assert (len(third["value"]), "@odata.nextLink" in third) == (50, False)
    assert len(made.get("/items?$top=5000")["value"]) == 449
    for top in ("0", "5001", "x"):
        assert made.refused(f"$top={top}")[0] == 400


@pytest.mark.covers("sp.items.pages")
def test_a_page_token_fits_its_own_query_only(site):
    made, other = site.new_list(title="One"), site.new_list(title="Other")
    made.seed([{"Title": str(n)} for n in range(3)])
    link = made.get("/items?$top=1")["@odata.nextLink"]
    token = link.partition("$skiptoken=")[2]
    assert made.refused(f"$top=1&$skiptoken={token[:-1]}x")[:2] == (400, "invalidRequest")
    assert made.refused(f"$top=1&$expand=fields&$skiptoken={token}")[:2] == (400, "invalidRequest")
    assert other.refused(f"$top=1&$skiptoken={token}")[:2] == (400, "invalidRequest")
    assert made.query(f"$top=2&$skiptoken={token}") == ["2", "3"]
    assert made.refused("$skip=1")[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.items.count")
def test_count_says_how_many_there_are(site):
    made = site.new_list({"name": "Team", "text": {}, "indexed": True})
    made.seed([{"Team": team} for team in ("HR", "IT", "HR")])
    assert made.get("/items?$count=true&$top=1")["@odata.count"] == 3
    assert made.get("/items?$count=true&$filter=fields/Team eq 'HR'")["@odata.count"] == 2


@pytest.mark.covers("sp.items.elsewhere")
def test_what_lists_do_not_offer_answers_501(site):
    made = site.new_list()
    item = made.add(Title="One")["id"]
    for path in (
        "/items?$search=x",
        "/items/$count",
        f"/items/{item}/versions",
        f"/items/{item}/driveItem",
        f"/items/{item}?$expand=driveItem",
        "/drive",
        "/subscriptions",
    ):
        assert made.call("GET", path).status_code == 501, path


@pytest.mark.covers("sp.batch")
def test_list_calls_run_in_a_batch(graph, site):
    made = site.new_list(TEXT)
    root = f"{site.path}{made.path}/items"
    json = {"Content-Type": "application/json"}
    parts = [
        {"id": "1", "method": "POST", "url": root, "headers": json, "body": {"fields": {"Title": "One"}}},
        {"id": "2", "method": "GET", "url": f"{root}?$expand=fields", "dependsOn": ["1"]},
        {"id": "3", "method": "PATCH", "url": f"{root}/9/fields", "headers": json, "body": {"Team": "x"}},
    ]
    answers = {part["id"]: part for part in graph.post("/$batch", {"requests": parts}).json()["responses"]}
    assert {name: part["status"] for name, part in answers.items()} == {"1": 201, "2": 200, "3": 404}
    assert answers["2"]["body"]["value"][0]["fields"]["Title"] == "One"
    assert answers["1"]["headers"]["ETag"] == answers["1"]["body"]["eTag"]
