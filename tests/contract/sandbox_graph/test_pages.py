"""Site pages."""

import json
from pathlib import Path

import pytest

from tests.contract.sandbox_graph.sites import List, problem

TYPE = "#microsoft.graph.sitePage"
CAST = "/microsoft.graph.sitePage"
TEXT = {"@odata.type": "#microsoft.graph.textWebPart", "innerHtml": "<p>Use form P-12.</p>"}
DIVIDER = {
    "@odata.type": "#microsoft.graph.standardWebPart",
    "webPartType": "2161a1c6-db61-4731-b97c-3cdb303f7cbb",
    "data": {"title": "Divider", "properties": {"length": 100}},
}


def canvas(*parts, layout="oneColumn"):
    columns = [{"id": "1", "width": 12, "webparts": list(parts)}]
    return {"horizontalSections": [{"layout": layout, "id": "1", "emphasis": "none", "columns": columns}]}


def make(site, name="leave.aspx", **more):
    body = {"@odata.type": TYPE, "name": name, "title": "Leave", "canvasLayout": canvas(TEXT), **more}
    said = site.call("POST", "/pages", body)
    assert said.status_code == 201, said.text
    return said.json()


@pytest.mark.covers("sp.page.create")
def test_a_page_as_in_the_documentation_is_made_and_checked_out(site):
    body = json.loads(
        (Path(__file__).parents[2] / "data/samples/graph/graph-sitepage-create-request.json").read_text(
            "utf-8"
        )
    )
    said = site.call("POST", "/pages", body)
    assert said.status_code == 201
    page = said.json()
    assert page["@odata.type"] == TYPE
    assert (page["name"], page["pageLayout"]) == ("parental-leave.aspx", "article")
    assert {"level": "checkout", "versionId": "0.1"}.items() <= page["publishingState"].items()
    assert page["webUrl"].endswith(f"/sites/{site.name}/SitePages/parental-leave.aspx")
    shown = site.get(f"/pages/{page['id']}{CAST}?$expand=canvasLayout")
    assert shown["canvasLayout"] == body["canvasLayout"]


@pytest.mark.covers("sp.page.get")
def test_a_page_shows_more_of_itself_through_its_type(site):
    page = make(site, showComments=False, description="How to ask")
    plain, full = site.get(f"/pages/{page['id']}"), site.get(f"/pages/{page['id']}{CAST}")
    assert "showComments" not in plain
    assert full["showComments"] is False
    assert plain["description"] == "How to ask"
    assert plain["eTag"] == full["eTag"]
    assert "canvasLayout" not in full
    assert [each["id"] for each in site.get("/pages")["value"]] == [page["id"]]
    [listed] = site.get(f"/pages{CAST}?$expand=canvasLayout&$select=name")["value"]
    assert {name for name in listed if "@" not in name} == {"name", "canvasLayout"}
    assert site.call("GET", f"/pages/{page['id']}?$expand=canvasLayout").status_code == 501


@pytest.mark.covers("sp.page.canvas")
def test_web_parts_come_back_in_order_with_ids(site):
    column = {"id": "1", "width": 6, "webparts": [TEXT]}
    sections = [{"layout": "twoColumns", "columns": [column, {"width": 6, "webparts": [DIVIDER]}]}]
    layout = {"horizontalSections": sections, "verticalSection": {"webparts": [TEXT]}}
    page = make(site, canvasLayout=layout)
    path = f"/pages/{page['id']}{CAST}"
    parts = site.get(f"{path}/webParts")["value"]
    assert [part["@odata.type"].rpartition(".")[2] for part in parts] == [
        "textWebPart",
        "standardWebPart",
        "textWebPart",
    ]
    assert len({part["id"] for part in parts}) == 3
    assert parts[1]["data"]["properties"] == {"length": 100}
    assert site.get(f"{path}/canvasLayout")["verticalSection"]["emphasis"] == "none"


@pytest.mark.covers("sp.page.webparts")
@pytest.mark.parametrize(
    "layout",
    [
        canvas(DIVIDER | {"webPartType": "11111111-2222-4333-8444-555555555555"}),
        canvas({"@odata.type": "#microsoft.graph.heroWebPart"}),
        canvas({"innerHtml": "x"}),
        canvas({"@odata.type": TEXT["@odata.type"]}),
        canvas(TEXT | {"colour": "red"}),
        canvas(TEXT, layout="twoColumns"),
        canvas(TEXT, layout="spiral"),
        {"sections": []},
        {"horizontalSections": {}},
    ],
)
def test_web_parts_and_layouts_that_cannot_be_written_fail_the_whole_page(site, layout):
    body = {"@odata.type": TYPE, "name": "x.aspx", "title": "x", "canvasLayout": layout}
    assert problem(site.call("POST", "/pages", body))[:2] == (400, "invalidRequest")
    assert site.get("/pages")["value"] == []


@pytest.mark.covers("sp.page.create")
def test_a_page_needs_its_type_a_name_and_a_title(site):
    good = {"@odata.type": TYPE, "name": "x.aspx", "title": "x"}
    for wrong in (
        {name: value for name, value in good.items() if name != "@odata.type"},
        {name: value for name, value in good.items() if name != "title"},
        good | {"name": "x.html"},
        good | {"name": "a/b.aspx"},
        good | {"title": 5},
        good | {"pageLayout": "spiral"},
        good | {"webUrl": "https://x"},
    ):
        assert problem(site.call("POST", "/pages", wrong))[:2] == (400, "invalidRequest"), wrong
    make(site, "x.aspx")
    assert problem(site.call("POST", "/pages", good | {"name": "X.aspx"}))[:2] == (409, "nameAlreadyExists")


@pytest.mark.covers("sp.page.publish", "sp.page.patch")
def test_publishing_makes_whole_versions_and_a_change_checks_out_again(site):
    page = make(site)
    path = f"/pages/{page['id']}"
    states = []
    for step in ("publish", "patch", "publish"):
        if step == "publish":
            said = site.call("POST", f"{path}{CAST}/publish")
            assert (said.status_code, said.content) == (204, b"")
        else:
            said = site.call("PATCH", f"{path}{CAST}", {"@odata.type": TYPE, "title": "Parental leave"})
            assert (said.status_code, said.json()["title"]) == (200, "Parental leave")
        state = site.get(path)["publishingState"]
        states.append((state["level"], state["versionId"]))
    assert states == [("published", "1.0"), ("checkout", "1.1"), ("published", "2.0")]
    assert site.get(f"{path}{CAST}?$expand=canvasLayout")["canvasLayout"]["horizontalSections"]


@pytest.mark.covers("sp.page.patch")
def test_a_change_needs_the_type_and_obeys_if_match(site):
    page = make(site)
    path = f"/pages/{page['id']}"
    assert problem(site.call("PATCH", path, {"title": "x"}))[:2] == (400, "invalidRequest")
    body = {"@odata.type": TYPE, "title": "x"}
    assert site.call("PATCH", path, body, If_Match=page["eTag"]).status_code == 200
    assert problem(site.call("PATCH", path, body, If_Match=page["eTag"]))[:2] == (412, "resourceModified")
    assert site.call("DELETE", path, If_Match=page["eTag"]).status_code == 412
    assert site.call("PATCH", path, body | {"name": "y.aspx"}).status_code == 501


@pytest.mark.covers("sp.page.item")
def test_a_page_is_an_item_of_its_library_and_in_its_feed(site):
    library = List(site, site.get("/lists/Site Pages")["id"], "Site Pages")
    link = library.get("/items/delta?token=latest&$expand=fields")["@odata.deltaLink"]
    page = make(site)
    [entry] = library.follow(link)[0]
    assert (entry["fields"]["FileLeafRef"], entry["fields"]["Title"]) == ("leave.aspx", "Leave")
    assert entry["contentType"]["name"] == "Site Page"
    link = library.follow(link)[1]
    site.call("POST", f"/pages/{page['id']}{CAST}/publish")
    entries, link = library.follow(link)
    assert [each["id"] for each in entries] == [entry["id"]]
    site.call("DELETE", f"/pages/{page['id']}")
    assert library.follow(link)[0][0]["deleted"] == {"state": "deleted"}
    assert library.call("POST", "/items", {"fields": {}}).status_code == 400


@pytest.mark.covers("sp.page.delete")
def test_a_deleted_page_is_gone(site):
    page = make(site)
    assert site.call("DELETE", f"/pages/{page['id']}").status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", CAST), ("POST", f"{CAST}/publish")):
        assert problem(site.call(method, f"/pages/{page['id']}{path}"))[:2] == (404, "itemNotFound")
    assert site.get("/pages")["value"] == []


@pytest.mark.covers("sp.page.access")
def test_reading_pages_needs_less_than_writing_them(site):
    page = make(site)
    site.put(access="read")
    assert site.get(f"/pages/{page['id']}")["id"] == page["id"]
    assert site.call("POST", f"/pages/{page['id']}{CAST}/publish").status_code == 403
    body = {"@odata.type": TYPE, "name": "y.aspx", "title": "y"}
    assert site.call("POST", "/pages", body).status_code == 403


@pytest.mark.covers("sp.page.elsewhere")
def test_single_web_parts_are_not_offered(site):
    page = make(site)
    path = f"/pages/{page['id']}{CAST}"
    assert site.call("POST", f"{path}/webParts", TEXT).status_code == 501
    assert site.call("GET", f"{path}/canvasLayout/horizontalSections/1").status_code == 501
