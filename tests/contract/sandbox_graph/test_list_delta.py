"""The delta feed of a list."""

import random
import time

import pytest

from sandbox.graph.sites import changes
from tests.contract.sandbox_graph.sites import problem

ALL = "/items/delta"
FIELDS = "/items/delta?$expand=fields($select=Title)"


def shown(entries):
    """Ids with their titles; None for deleted ones. The last entry of an id counts."""
    return {entry["id"]: None if "deleted" in entry else entry["fields"].get("Title") for entry in entries}


@pytest.mark.covers("sp.delta.full", "sp.delta.changes")
def test_a_feed_begins_with_everything_and_goes_on_with_what_has_changed(site):
    made = site.new_list()
    made.seed([{"Title": "a"}, {"Title": "b"}, {"Title": "c"}])
    entries, link = made.follow(FIELDS)
    assert shown(entries) == {"1": "a", "2": "b", "3": "c"}
    assert made.follow(link)[0] == []
    made.change("2", {"Title": "b1"})
    made.change("2", {"Title": "b2"})
    made.call("DELETE", "/items/3")
    made.add(Title="d")
    entries, link = made.follow(link)
    assert [entry["id"] for entry in entries] == ["2", "3", "4"]  # the latest state, once
    assert shown(entries) == {"2": "b2", "3": None, "4": "d"}
    assert made.follow(link)[0] == []


@pytest.mark.covers("sp.delta.deleted")
def test_a_deleted_item_is_a_facet_and_brings_no_fields(site):
    made = site.new_list()
    item = made.add(Title="a")
    link = made.follow(FIELDS)[1]
    made.call("DELETE", f"/items/{item['id']}")
    assert made.follow(link)[0] == [
        {
            "id": item["id"],
            "parentReference": {"siteId": site.id},
            "contentType": item["contentType"],
            "deleted": {"state": "deleted"},
        }
    ]
    assert made.follow(ALL)[0] == []


@pytest.mark.covers("sp.delta.latest")
@pytest.mark.parametrize(
    "path", [f"{ALL}?token=latest", "/items/delta(token='latest')", f"{ALL}?$deltatoken=latest"]
)
def test_latest_starts_now(site, path):
    made = site.new_list()
    made.add(Title="a")
    page = made.get(path)
    assert page["value"] == []
    made.add(Title="b")
    assert [entry["id"] for entry in made.follow(page["@odata.deltaLink"])[0]] == ["2"]


@pytest.mark.covers("sp.delta.options")
def test_options_of_the_first_request_hold_for_all_pages(site):
    made = site.new_list({"name": "Team", "text": {}})
    made.seed([{"Title": str(n), "Team": "HR"} for n in range(5)])
    page = made.get(f"{ALL}?$select=id&$expand=fields($select=Team)&$top=2")
    assert "?token=" in page["@odata.nextLink"]
    for size in (2, 2, 1):
        assert len(page["value"]) == size
        for entry in page["value"]:
            assert {name for name in entry if "@" not in name} == {"id", "fields"}
            assert {name for name in entry["fields"] if "@" not in name} == {"Team"}
        link = page.get("@odata.nextLink") or page["@odata.deltaLink"]
        page = site.get(link)
    made.change("1", {"Team": "IT"})
    assert made.follow(link)[0][0]["fields"]["Team"] == "IT"


@pytest.mark.covers("sp.delta.options")
def test_options_beside_a_token_and_foreign_tokens_are_refused(site):
    made, other = site.new_list(title="One"), site.new_list(title="Other")
    link = made.follow(ALL)[1]
    token = link.partition("token=")[2]
    for query in (
        f"?token={token}&$expand=fields",
        "?token=nonsense",
        f"?token={token[:-1]}x",
        "?$expand=colour",
    ):
        status = made.call("GET", ALL + query).status_code
        assert status == (501 if "colour" in query else 400), query
    assert problem(other.call("GET", f"{ALL}?token={token}"))[:2] == (400, "invalidRequest")
    for query in ("?$filter=fields/Title eq 'x'", "?$orderby=fields/Title"):
        assert made.call("GET", ALL + query).status_code == 501


@pytest.mark.covers("sp.delta.spellings")
def test_a_token_may_be_called_by_all_its_names(site):
    made = site.new_list()
    link = made.follow(ALL)[1]
    token = link.partition("token=")[2]
    made.add(Title="a")
    for path in (
        f"{ALL}?token={token}",
        f"{ALL}?$deltatoken={token}",
        f"{ALL}?$skiptoken={token}",
        f"/items/delta()?token={token}",
        f"/items/microsoft.graph.delta()?token={token}",
        f"/items/delta(token='{token}')",
    ):
        assert [entry["id"] for entry in made.follow(path)[0]] == ["1"], path


@pytest.mark.covers("sp.delta.folders")
def test_folders_are_in_the_feed(site):
    made = site.new_list()
    made.seed([{"Title": "2026"}], folder=True)
    made.add(Title="a")
    assert [entry["contentType"]["name"] for entry in made.follow(ALL)[0]] == ["Folder", "Item"]


@pytest.mark.covers("sp.delta.bump")
def test_a_system_update_is_reported_with_the_same_values(site):
    made = site.new_list()
    item = made.add(Title="a")
    entries, link = made.follow(FIELDS)
    made.touch(item["id"])
    [entry] = made.follow(link)[0]
    assert entry["fields"]["Title"] == entries[0]["fields"]["Title"]
    assert entry["eTag"] != entries[0]["eTag"]


@pytest.mark.covers("sp.delta.midround")
def test_what_changes_while_a_round_is_read_comes_at_its_end(site):
    made = site.new_list()
    made.seed([{"Title": str(n)} for n in range(6)])
    page = made.get(f"{FIELDS}&$top=2")
    seen = page["value"]
    made.change("1", {"Title": "new"})  # shown already
    made.change("5", {"Title": "new"})  # not yet
    made.call("DELETE", "/items/2")
    made.call("DELETE", "/items/6")
    rest, link = made.follow(page["@odata.nextLink"])
    assert shown(seen + rest) == {"1": "new", "2": None, "3": "2", "4": "3", "5": "new", "6": None}
    assert made.follow(link)[0] == []


@pytest.mark.covers("sp.delta.expired")
def test_a_lapsed_token_brings_410_with_a_fresh_address(own_site):
    made = own_site.new_list()
    made.add(Title="a")
    link = made.follow(f"{FIELDS}&$top=1")[1]
    own_site.steer("POST", "/expire-delta")
    said = own_site.call("GET", link)
    error = said.json()["error"]
    assert (said.status_code, error["code"]) == (410, "resyncRequired")
    assert error["innerError"]["code"] == "resyncChangesApplyDifferences"
    assert error["innerError"]["request-id"] == said.headers["request-id"]
    assert shown(made.follow(said.headers["Location"])[0]) == {"1": "a"}


@pytest.mark.covers("sp.delta.expired")
@pytest.mark.parametrize("code", ["applyDifferences", "uploadDifferences"])
def test_a_lapsed_token_names_one_of_two_meanings_inside_or_outside(own_site, code):
    made = own_site.new_list()
    link = made.follow(ALL)[1]
    own_site.steer("POST", "/expire-delta")
    named = f"resyncChanges{code[0].upper()}{code[1:]}"
    own_site.steer("PUT", "", {"resync": code, "resyncBody": "inner"})
    error = own_site.call("GET", link).json()["error"]
    assert (error["code"], error["innerError"]["code"]) == ("resyncRequired", named)
    own_site.steer("PUT", "", {"resyncBody": "outer"})
    error = own_site.call("GET", link).json()["error"]
    assert (error["code"], "code" in error["innerError"]) == (named, False)


@pytest.mark.covers("sp.delta.lifetime")
def test_tokens_lapse_after_a_settable_time_of_the_tenant(own_site):
    made = own_site.new_list()
    own_site.steer("PUT", "", {"deltaMinutes": 60})
    link = made.follow(ALL)[1]
    clock = f"{own_site.control}/_sandbox/clock/advance"
    own_site.graph.web.post(clock, json={"seconds": 3500}, timeout=10)
    link = made.follow(link)[1]
    own_site.graph.web.post(clock, json={"seconds": 3500}, timeout=10)
    assert made.follow(link)[0] == []
    own_site.graph.web.post(clock, json={"seconds": 3700}, timeout=10)
    assert own_site.call("GET", link).status_code == 410


@pytest.mark.covers("sp.delta.empty")
def test_a_round_may_begin_with_an_empty_page(own_site):
    made = own_site.new_list()
    made.add(Title="a")
    own_site.steer("PUT", "", {"emptyPages": True})
    page = made.get(FIELDS)
    assert (page["value"], "@odata.nextLink" in page) == ([], True)
    entries, link = made.follow(page["@odata.nextLink"])
    assert shown(entries) == {"1": "a"}
    assert own_site.get(link)["value"] == []
    assert made.follow(link)[0] == []


@pytest.mark.covers("sp.delta.repeats")
def test_an_id_may_come_twice_by_a_seed_and_the_last_one_counts(own_site):
    made = own_site.new_list()
    made.seed([{"Title": "old"} for _ in range(30)])
    for number in range(1, 31):
        made.change(str(number), {"Title": "new"})
    own_site.steer("PUT", "", {"repeatSeed": 7})
    entries = made.follow(FIELDS)[0]
    assert 30 < len(entries) < 60
    assert set(shown(entries).values()) == {"new"}
    assert "old" in [entry["fields"]["Title"] for entry in entries]
    assert [entry["id"] for entry in made.follow(FIELDS)[0]] == [entry["id"] for entry in entries]


@pytest.mark.covers("sp.rewrite")
def test_the_server_may_rewrite_values(own_site):
    made = own_site.new_list(
        {"name": "Count", "number": {"decimalPlaces": "one"}},
        {"name": "Cost", "currency": {}},
        {"name": "Steps", "text": {"allowMultipleLines": True, "textType": "richText"}},
        {"name": "Team", "text": {}},
    )
    given = {"Title": "  Leave\r\nnow ", "Count": 1.26, "Cost": 2.006, "Steps": "<p>One</p>", "Team": " "}
    assert given.items() <= made.add(**given)["fields"].items()
    own_site.steer("PUT", "", {"rewrite": True})
    item = made.add(**given)
    fields = item["fields"]
    assert (fields["Title"], fields["Count"], fields["Cost"]) == ("Leave\nnow", 1.3, 2.01)
    assert "Team" not in fields
    assert fields["Steps"].startswith('<div class="ExternalClass')
    assert fields["Steps"].endswith('"><p>One</p></div>')
    kept = {name: fields[name] for name in ("Title", "Count", "Cost", "Steps")}
    assert kept.items() <= made.change(item["id"], kept).json().items()  # what it has written it keeps


@pytest.mark.covers("sp.changes")
def test_whoever_listens_hears_of_every_write_after_it_is_done(own_site):
    made = own_site.new_list()
    heard = []
    changes.listeners(own_site.tenant.store).append(
        lambda changed: heard.append((changed, len(made.get("/items")["value"])))
    )
    item = made.add(Title="a")["id"]
    made.change(item, {"Title": "b"})
    made.change(item, {"Colour": "b"})
    made.seed([{"Title": "c"}])
    made.touch(item)
    made.call("DELETE", f"/items/{item}")
    told = changes.Changed(own_site.id, made.id, "Articles")
    assert heard == [(told, 1), (told, 1), (told, 2), (told, 2), (told, 1)]


@pytest.mark.covers("sp.delta.full")
def test_ten_thousand_items_are_read_quickly_in_pages_of_two_hundred(site):
    made = site.new_list({"name": "Team", "text": {}}, {"name": "Owner", "personOrGroup": {}})
    number = site.person("Ada", "ada@people.example")
    made.seed([{"Title": f"Article {n}", "Team": "HR", "OwnerLookupId": number} for n in range(10_000)])
    started = time.perf_counter()
    entries, _ = made.follow(f"{ALL}?$expand=fields&$top=200")
    assert len({entry["id"] for entry in entries}) == 10_000
    assert time.perf_counter() - started < 20  # a second on an idle machine


@pytest.mark.covers("sp.delta.midround")
@pytest.mark.parametrize("seed", range(6))
def test_whoever_follows_the_feed_knows_the_list_whatever_happens_between_pages(site, seed):
    dice, made, known = random.Random(seed), site.new_list(), {}
    page = made.get(f"{FIELDS}&$top=2")
    for step in range(40):
        for entry in page["value"]:
            known[entry["id"]] = None if "deleted" in entry else entry["fields"].get("Title")
        link = page.get("@odata.nextLink") or page["@odata.deltaLink"]
        for _ in range(dice.randrange(3)):
            _write(dice, made, step)
        page = site.get(link)
    entries, _ = made.follow(page.get("@odata.nextLink") or page["@odata.deltaLink"])
    known |= shown(page["value"] + entries)
    there = {each["id"]: each["fields"]["Title"] for each in made.get("/items?$expand=fields")["value"]}
    assert {name: title for name, title in known.items() if title is not None} == there


def _write(dice, made, step):
    ids = made.query("")
    kind = dice.choice(("add", "change", "delete"))
    if kind == "add" or not ids:
        made.add(Title=f"new {step}")
    elif kind == "change":
        made.change(dice.choice(ids), {"Title": f"changed {step}"})
    else:
        made.call("DELETE", f"/items/{dice.choice(ids)}")
