"""Relationships of both kinds: made, read from every side, used by references (dataverse.md sections 2 and 8)."""

import uuid

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, Json, column, label, table

CRM = "Microsoft.Dynamics.CRM."
LABELS = "plt_note_label"


def one_to_many(name: str, to: str, at: str, lookup: str, **more: Json) -> Json:
    return {
        "@odata.type": CRM + "OneToManyRelationshipMetadata",
        "SchemaName": name,
        "ReferencedEntity": to,
        "ReferencingEntity": at,
        "Lookup": column("Lookup", lookup, DisplayName=label(lookup)),
        **more,
    }


def many_to_many(name: str, first: str, second: str, **more: Json) -> Json:
    ends = {"Entity1LogicalName": first, "Entity2LogicalName": second, "IntersectEntityName": name}
    return {"@odata.type": CRM + "ManyToManyRelationshipMetadata", "SchemaName": name, **ends, **more}


def guid(url: str) -> str:
    return url.rpartition("(")[2].rstrip(")")


@pytest.fixture(scope="module", autouse=True)
def labels(api: Api) -> None:
    """A table of labels, many-to-many with notes."""
    api.made("EntityDefinitions", table("plt_Label"))
    api.made("RelationshipDefinitions", many_to_many(LABELS, "plt_note", "plt_label"))


def pairs(api: Api) -> set[tuple[str, str]]:
    rows = api.get(f"{LABELS}set")["value"]
    return {(row["plt_noteid"], row["plt_labelid"]) for row in rows}


@pytest.mark.covers("dv.relations.many_to_many", "dv.relations.read")
def test_a_many_to_many_relationship_is_read_from_all_sides(api: Api) -> None:
    said = api.get(f"RelationshipDefinitions(SchemaName='{LABELS}')")
    assert said["RelationshipType"] == "ManyToManyRelationship"
    assert (said["Entity1IntersectAttribute"], said["Entity2IntersectAttribute"]) == (
        "plt_noteid",
        "plt_labelid",
    )
    assert api.get(f"RelationshipDefinitions({said['MetadataId']})")["SchemaName"] == LABELS
    for name in ("plt_note", "plt_label"):
        path = f"EntityDefinitions(LogicalName='{name}')"
        rows = api.get(f"{path}/ManyToManyRelationships?$filter=SchemaName eq '{LABELS}'")["value"]
        assert [row["IntersectEntityName"] for row in rows] == [LABELS]
        assert api.get(f"{path}?$expand=ManyToManyRelationships")["ManyToManyRelationships"]
    assert api.get(f"EntityDefinitions(LogicalName='{LABELS}')")["IsIntersect"] is True


@pytest.mark.covers("dv.relations.read")
def test_relationships_are_listed_by_their_type(api: Api) -> None:
    kind = f"RelationshipType eq {CRM}RelationshipType'OneToManyRelationship'"
    names = {row["SchemaName"] for row in api.get(f"RelationshipDefinitions?$filter={kind}")["value"]}
    assert "plt_item_note" in names
    assert LABELS not in names
    many = api.get("EntityDefinitions(LogicalName='plt_item')/OneToManyRelationships")["value"]
    assert "plt_item_note" in {row["SchemaName"] for row in many}
    path = f"RelationshipDefinitions(SchemaName='plt_item_note')/{CRM}OneToManyRelationshipMetadata"
    assert api.get(path)["ReferencingAttribute"] == "plt_item"


@pytest.mark.covers("dv.refs.many_to_many")
@pytest.mark.parametrize("way", ["brackets", "$id"])
def test_pairs_are_added_and_taken_away_from_both_sides(api: Api, way: str) -> None:
    note, one = api.made("plt_notes", {}), api.made("plt_labels", {})
    pair = (guid(note), guid(one))
    for mine, other in ((note, one), (one, note)):
        ref = f"{mine}/{LABELS}/$ref"
        assert api.call("POST", ref, {"@odata.id": other}).status_code == 204
        assert pair in pairs(api)
        assert api.refused("POST", ref, {"@odata.id": other})[:2] == (412, "0x80040237")
        away = f"{mine}/{LABELS}({guid(other)})/$ref" if way == "brackets" else f"{ref}?$id={other}"
        assert api.call("DELETE", away).status_code == 204
        assert pair not in pairs(api)
        assert api.refused("DELETE", away)[0] == 404


@pytest.mark.covers("dv.refs.many_to_many")
def test_pairs_go_with_either_row(api: Api) -> None:
    note, one = api.made("plt_notes", {}), api.made("plt_labels", {})
    api.call("POST", f"{note}/{LABELS}/$ref", {"@odata.id": one})
    api.call("DELETE", one)
    assert guid(note) not in {first for first, _ in pairs(api)}


@pytest.mark.covers("dv.refs.one_to_many")
def test_a_row_joins_and_leaves_a_one_to_many_collection(api: Api) -> None:
    item, note = f"plt_items({api.row()})", api.made("plt_notes", {})
    assert api.call("POST", f"{item}/plt_item_note/$ref", {"@odata.id": note}).status_code == 204
    assert api.get(note)["_plt_item_value"] == guid(item)
    away = f"{item}/plt_item_note({guid(note)})/$ref"
    assert api.call("DELETE", away).status_code == 204
    assert api.get(note)["_plt_item_value"] is None
    assert api.refused("DELETE", away)[0] == 404


@pytest.mark.covers("dv.refs.careless")
def test_references_that_cannot_be_are_refused(api: Api) -> None:
    note, one = api.made("plt_notes", {}), api.made("plt_labels", {})
    item = f"plt_items({api.row()})"
    collection, lookup = f"{note}/{LABELS}", f"{note}/plt_Item"
    for method, path, body, status in (
        ("PUT", f"{collection}/$ref", {"@odata.id": one}, 405),
        ("POST", f"{lookup}/$ref", {"@odata.id": item}, 405),
        ("POST", f"{collection}/$ref", {"@odata.id": item}, 400),
        ("POST", f"{collection}/$ref", {"@odata.id": f"plt_labels({uuid.uuid4()})"}, 404),
        ("POST", f"{collection}/$ref", {"@odata.id": one, "plt_name": "x"}, 400),
        ("POST", f"{collection}/$ref", {}, 400),
        ("DELETE", f"{collection}/$ref", None, 400),
        ("DELETE", f"{lookup}/$ref?$id={item}", None, 400),
        ("PUT", f"{note}/plt_None/$ref", {"@odata.id": one}, 404),
    ):
        assert api.refused(method, path, body)[0] == status, (method, path)


@pytest.mark.covers("dv.relations.intersect")
def test_rows_of_an_intersect_table_are_not_written_directly(api: Api) -> None:
    body = {"plt_noteid": str(uuid.uuid4()), "plt_labelid": str(uuid.uuid4())}
    assert api.refused("POST", f"{LABELS}set", body)[:2] == (400, "0x80040800")
    assert api.refused("PATCH", f"{LABELS}set({uuid.uuid4()})", body)[:2] == (400, "0x80040800")


@pytest.mark.covers("dv.relations.cascade")
@pytest.mark.parametrize(("rule", "status"), [("RemoveLink", 204), ("Cascade", 204), ("Restrict", 405)])
def test_deleting_follows_the_cascade_of_the_relationship(api: Api, rule: str, status: int) -> None:
    parent, child = f"plt_P{rule}".lower(), f"plt_C{rule}".lower()
    api.made("EntityDefinitions", table(parent))
    api.made("EntityDefinitions", table(child))
    cascade = {"CascadeConfiguration": {"Delete": rule}}
    api.made("RelationshipDefinitions", one_to_many(f"{parent}_rel", parent, child, "plt_Parent", **cascade))
    above = api.made(f"{parent}s", {})
    below = api.made(f"{child}s", {"plt_Parent@odata.bind": f"{parent}s({guid(above)})"})
    said = api.call("DELETE", above)
    assert said.status_code == status
    if rule == "Restrict":
        assert said.json()["error"]["code"] == "0x80040227"
    left = api.call("GET", below)
    assert left.status_code == (404 if rule == "Cascade" else 200)
    if rule == "RemoveLink":
        assert left.json()["_plt_parent_value"] is None


def test_rows_that_belong_to_each_other_are_deleted_together(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Ring"))
    own = one_to_many("plt_ring_ring", "plt_ring", "plt_ring", "plt_Next")
    api.made("RelationshipDefinitions", own | {"CascadeConfiguration": {"Delete": "Cascade"}})
    first = api.made("plt_rings", {})
    second = api.made("plt_rings", {"plt_Next@odata.bind": f"plt_rings({guid(first)})"})
    api.call("PATCH", first, {"plt_Next@odata.bind": f"plt_rings({guid(second)})"}, If_Match="*")
    assert api.call("DELETE", first).status_code == 204
    assert api.get("plt_rings")["value"] == []


@pytest.mark.covers("dv.relations.many_to_many")
def test_a_table_is_many_to_many_with_itself(api: Api) -> None:
    api.made("RelationshipDefinitions", many_to_many("plt_see_also", "plt_label", "plt_label"))
    first, second = api.made("plt_labels", {}), api.made("plt_labels", {})
    api.call("POST", f"{first}/plt_see_also/$ref", {"@odata.id": second})
    row = api.get("plt_see_alsoset")["value"][0]
    assert (row["plt_labelidone"], row["plt_labelidtwo"]) == (guid(first), guid(second))


@pytest.mark.covers("dv.relations.careless")
def test_relationships_that_cannot_be_are_refused(api: Api) -> None:
    for body, status in (
        ({"SchemaName": "plt_x"}, 400),
        (many_to_many("plt_r1", "plt_note", "plt_nothing"), 404),
        (many_to_many(LABELS.upper(), "plt_note", "plt_label"), 400),
        (many_to_many("plt_r2", "plt_note", "plt_label", IntersectEntityName="plt_item"), 400),
        (many_to_many("plt_r3", "plt_note", "plt_label", Entity1NavigationPropertyName="plt_name"), 400),
        (one_to_many("plt_r4", "plt_item", "plt_note", "plt_Item"), 400),
        ({**one_to_many("plt_r5", "plt_item", "plt_note", "plt_Fresh"), "Lookup": None}, 400),
    ):
        assert api.refused("POST", "RelationshipDefinitions", body)[0] == status, body
    assert api.refused("GET", "RelationshipDefinitions(SchemaName='plt_r3')")[0] == 404
    assert api.refused("GET", "EntityDefinitions(LogicalName='plt_r3')")[0] == 404


@pytest.mark.covers("dv.relations.replace")
def test_the_cascade_of_a_relationship_is_replaced_by_put(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Top"))
    api.made("EntityDefinitions", table("plt_Sub"))
    api.made("RelationshipDefinitions", one_to_many("plt_top_sub", "plt_top", "plt_sub", "plt_Top"))
    path = "RelationshipDefinitions(SchemaName='plt_top_sub')"
    body = api.get(path) | {"CascadeConfiguration": {"Delete": "Restrict"}, "ReferencedEntity": "plt_sub"}
    assert api.call("PUT", path, body).status_code == 204
    said = api.get(path)
    assert (said["CascadeConfiguration"]["Delete"], said["ReferencedEntity"]) == ("Restrict", "plt_top")
    top = api.made("plt_tops", {"plt_top_sub": [{}]})
    assert api.refused("DELETE", top)[:2] == (405, "0x80040227")
    assert api.refused("PUT", path, {"CascadeConfiguration": {"Delete": "Perhaps"}})[0] == 400
    assert api.refused("PUT", path, {"Cascade": {}})[1] == "0x80048d19"
    many = f"RelationshipDefinitions(SchemaName='{LABELS}')"
    assert api.call("PUT", many, api.get(many)).status_code == 204


@pytest.mark.covers("dv.relations.intersect")
def test_messages_and_their_filters_are_only_read(api: Api) -> None:
    for name in ("sdkmessages", "sdkmessagefilters"):
        assert api.refused("POST", name, {})[:2] == (400, "0x80040800")
