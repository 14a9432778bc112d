"""Sites: addresses, grants, people."""

import pytest
import requests

from sandbox.tenant import Tenant
from tests.contract.sandbox_graph.conftest import visitor
from tests.contract.sandbox_graph.sites import Site, problem

HOST = "contoso.example"


@pytest.mark.covers("sp.site.path", "sp.site.id")
def test_a_site_is_found_by_its_address_and_by_its_id_in_three_parts(graph, site):
    by_path = graph.get(f"/sites/{HOST}:/sites/{site.name}").json()
    by_id = site.get()
    assert by_path["id"] == by_id["id"] == site.id
    assert len(site.id.split(",")) == 3
    assert (by_id["displayName"], by_id["name"]) == ("Desk", site.name)
    assert by_id["webUrl"] == f"https://{HOST}/sites/{site.name}"
    assert by_id["siteCollection"]["hostname"] == HOST


@pytest.mark.covers("sp.site.path")
def test_lists_follow_the_address_of_a_site_behind_a_second_colon(graph, site):
    made = site.new_list(title="Knowledge articles")
    made.add(Title="One")
    root = f"/sites/{HOST}:/sites/{site.name}:"
    assert made.id in [each["id"] for each in graph.get(f"{root}/lists").json()["value"]]
    assert len(graph.get(f"{root}/lists/Knowledge articles/items").json()["value"]) == 1
    assert len(graph.get(f"{root}/lists/{made.id}/items/delta").json()["value"]) == 1
    assert graph.get(root).json()["id"] == site.id


@pytest.mark.covers("sp.site.root")
def test_the_root_site_is_that_of_the_host(graph, new_site):
    new_site(name="root")
    root = graph.get("/sites/root").json()
    assert root["root"] == {}
    assert graph.get(f"/sites/{HOST}").json()["id"] == root["id"]
    assert graph.get("/sites/root/lists").status_code == 200


@pytest.mark.covers("sp.site.missing")
def test_unknown_sites_and_foreign_hosts_are_refused(graph, site):
    assert problem(graph.get(f"/sites/{HOST}:/sites/nowhere"))[:2] == (404, "itemNotFound")
    assert problem(graph.get("/sites/elsewhere.example:/sites/desk"))[:2] == (400, "invalidRequest")
    assert problem(graph.get(f"/sites/{site.id[:-4]}0000"))[:2] == (404, "itemNotFound")
    assert problem(graph.get("/sites/nonsense"))[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.access.none")
def test_a_site_without_a_grant_is_closed(site):
    made = site.new_list()
    site.put(access="none")
    for path in ("", "/lists", f"/lists/{made.id}/items", "/lists/nothing", "/pages"):
        assert problem(site.call("GET", path))[:2] == (403, "accessDenied")


@pytest.mark.covers("sp.access.read")
def test_a_read_grant_reads_and_does_not_write(site):
    made = site.new_list()
    item = made.add(Title="One")["id"]
    site.put(access="read")
    assert made.get(f"/items/{item}")["id"] == item
    for method, path, body in (
        ("POST", "/items", {"fields": {}}),
        ("PATCH", f"/items/{item}/fields", {"Title": "x"}),
        ("DELETE", f"/items/{item}", None),
    ):
        assert problem(made.call(method, path, body))[:2] == (403, "accessDenied")


@pytest.mark.covers("sp.access.write")
def test_a_write_grant_changes_items_but_makes_no_lists_or_columns(site):
    made = site.new_list()
    site.put(access="write")
    assert made.add(Title="One")["id"] == "1"
    body = {"displayName": "Other", "list": {"template": "genericList"}}
    assert problem(site.call("POST", "/lists", body))[:2] == (403, "accessDenied")
    assert made.call("POST", "/columns", {"name": "x", "text": {}}).status_code == 403
    assert made.call("DELETE").status_code == 403
    assert site.call("GET", "/permissions").status_code == 403


@pytest.mark.covers("sp.permissions.site")
def test_an_app_with_full_control_grants_and_revokes(site):
    body = {"roles": ["write"], "grantedTo": {"application": {"id": "22222222-0000-0000-0000-000000000000"}}}
    made = site.call("POST", "/permissions", body)
    assert made.status_code == 201
    granted = made.json()
    assert granted["roles"] == ["write"]
    assert granted["grantedToIdentitiesV2"][0]["application"]["id"].startswith("22222222")
    path = f"/permissions/{granted['id']}"
    assert site.get(path)["id"] == granted["id"]
    assert len(site.get("/permissions")["value"]) == 2
    assert site.call("DELETE", path).status_code == 204
    assert site.call("GET", path).status_code == 404
    assert site.call("DELETE", path).status_code == 404


@pytest.mark.covers("sp.permissions.site")
def test_a_grant_needs_one_known_role_and_an_application(site):
    app = {"application": {"id": "22222222-0000-0000-0000-000000000000"}}
    for body in (
        {"roles": ["admin"], "grantedTo": app},
        {"roles": [], "grantedTo": app},
        {"roles": ["read"], "grantedTo": {"user": {"id": "x"}}},
        {"roles": ["read"]},
    ):
        assert problem(site.call("POST", "/permissions", body))[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.permissions.list")
def test_a_grant_on_one_list_opens_that_list_only(site, tenant):
    one, other = site.new_list(title="One"), site.new_list(title="Other")
    app = {"application": {"id": tenant.description()["clientId"]}}
    assert one.call("POST", "/permissions", {"roles": ["write"], "grantedTo": app}).status_code == 201
    assert len(one.get("/permissions")["value"]) == 1
    site.put(access="none")
    assert one.add(Title="x")["id"] == "1"
    assert other.call("GET", "/items").status_code == 403
    assert site.call("GET", "/lists").status_code == 403


@pytest.mark.covers("sp.people")
def test_people_have_numbers_in_a_hidden_list_of_the_site(site):
    number = site.person("Ada Quist", "Ada@people.example")
    assert site.person("Ada Quist", "ada@people.example") == number
    assert "User Information List" not in [each["displayName"] for each in site.get("/lists")["value"]]
    path = "/lists/User Information List/items?$expand=fields&$filter=fields/EMail eq 'ada@people.example'"
    found = site.get(path)["value"]
    assert [(each["id"], each["fields"]["Title"]) for each in found] == [(str(number), "Ada Quist")]


@pytest.mark.covers("sp.people")
def test_the_owners_of_mailboxes_are_people_of_every_site(site, new_box):
    address = new_box().address
    path = f"/lists/User Information List/items?$expand=fields&$filter=fields/EMail eq '{address}'"
    assert [each["fields"]["EMail"] for each in site.get(path)["value"]] == [address]
    said = site.call("POST", "/lists/User Information List/items", {"fields": {"Title": "x"}})
    assert said.status_code == 400


@pytest.mark.covers("sp.drives", "sp.site.search")
def test_libraries_and_site_search_are_not_offered(graph, site):
    assert site.call("GET", "/drives").status_code == 501
    assert site.call("GET", "/drive").status_code == 501
    assert graph.get("/sites?search=desk").status_code == 501
    assert graph.get("/drives/x/items/y").status_code == 501


@pytest.mark.covers("sp.select")
def test_select_narrows_and_refuses_unknown_members(site):
    assert set(site.get("?$select=id,webUrl")) == {"@odata.context", "id", "webUrl"}
    assert problem(site.call("GET", "?$select=colour"))[:2] == (400, "invalidRequest")


def test_control_routes_say_what_is_wrong(site):
    for method, path, body, status in (
        ("PUT", "/x", {"access": "all"}, 400),
        ("PUT", "/x", {"timeZone": "Nowhere/Town"}, 400),
        ("PUT", "", {"colour": 1}, 400),
        ("PUT", "", {"resync": "never"}, 400),
        ("PUT", "", {"deltaMinutes": -1}, 400),
        ("POST", f"/{site.name}/people", {"displayName": "x"}, 400),
        ("POST", f"/{site.name}/lists/x/items", {"items": []}, 404),
        ("POST", "/nowhere/people", {"displayName": "x", "email": "x@y"}, 404),
        ("DELETE", f"/{site.name}", None, 405),
    ):
        url = f"{site.control}/_sandbox/sites{path}"
        assert site.graph.web.request(method, url, json=body, timeout=10).status_code == status, path


@pytest.mark.covers("sp.restart")
def test_sites_lists_and_feeds_go_on_after_a_restart(tmp_path):
    with Tenant(tmp_path) as running, requests.Session() as session:
        site = Site(visitor(running, session), running.base)
        made = site.new_list({"name": "Team", "text": {}})
        made.add(Team="HR")
        token = made.follow("/items/delta?$expand=fields")[1].partition("token=")[2]
        made.change("1", {"Team": "IT"})
    with Tenant(tmp_path) as running, requests.Session() as session:
        site.graph = visitor(running, session)
        [entry] = made.follow(f"/items/delta?token={token}")[0]
        assert entry["fields"]["Team"] == "IT"
        assert made.add(Team="Legal")["id"] == "2"
