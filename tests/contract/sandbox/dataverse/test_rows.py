"""Rows: the verbs, the conditional headers, alternate keys, lookups and values (dataverse.md section 2)."""

import uuid

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, column, table


def _key() -> str:
    return uuid.uuid4().hex


def _version(etag: str) -> int:
    return int(etag.removeprefix('W/"').removesuffix('"'))


@pytest.mark.covers("dv.rows.create")
def test_a_create_answers_204_with_the_address(api: Api) -> None:
    said = api.call("POST", "plt_items", {"plt_title": "a"})
    assert (said.status_code, said.content) == (204, b"")
    row = api.get(said.headers["OData-EntityId"] + "?$select=plt_title,plt_count")
    assert row["plt_title"] == "a"
    assert row["plt_count"] is None
    assert row["plt_itemid"] in said.headers["OData-EntityId"]
    assert row["@odata.context"].endswith("$metadata#plt_items(plt_title,plt_count)/$entity")
    assert said.headers["x-ms-service-request-id"]


@pytest.mark.covers("dv.rows.representation")
def test_a_create_with_representation_answers_201_and_no_address(api: Api) -> None:
    said = api.call("POST", "plt_items?$select=plt_title", {"plt_title": "a"}, Prefer="return=representation")
    assert said.status_code == 201
    assert "OData-EntityId" not in said.headers
    assert said.headers["Preference-Applied"] == "return=representation"
    assert said.json()["plt_title"] == "a"


@pytest.mark.covers("dv.rows.create")
def test_the_same_id_is_created_once(api: Api) -> None:
    row_id = api.row(plt_title="a")
    assert api.refused("POST", "plt_items", {"plt_itemid": row_id})[:2] == (412, "0x80040237")


@pytest.mark.covers("dv.rows.upsert")
def test_a_patch_without_a_condition_updates_or_creates(api: Api) -> None:
    path = f"plt_items({uuid.uuid4()})?$select=plt_title"
    first = api.call("PATCH", path, {"plt_title": "a"}, Prefer="return=representation")
    second = api.call("PATCH", path, {"plt_title": "b"}, Prefer="return=representation")
    assert [first.status_code, second.status_code] == [201, 200]
    assert _version(second.headers["ETag"]) > _version(first.headers["ETag"])


@pytest.mark.covers("dv.rows.version")
def test_every_write_in_the_organisation_has_a_higher_version(api: Api) -> None:
    versions = []
    for entity_set in ("plt_items", "plt_notes", "plt_items"):
        url = api.made(entity_set, {"plt_name": "a"})
        versions.append(_version(api.get(url)["@odata.etag"]))
    assert versions == sorted(set(versions))


@pytest.mark.covers("dv.rows.conditions")
def test_if_match_star_never_creates(api: Api) -> None:
    gone = uuid.uuid4()
    said = api.refused("PATCH", f"plt_items({gone})", {"plt_title": "a"}, If_Match="*")
    assert said == (404, "0x80040217", f"plt_item With Id = {gone} Does Not Exist")


@pytest.mark.covers("dv.rows.conditions")
def test_if_none_match_star_never_updates(api: Api) -> None:
    path = f"plt_items({uuid.uuid4()})"
    assert api.call("PATCH", path, {"plt_title": "a"}, If_None_Match="*").status_code == 204
    status, _, words = api.refused("PATCH", path, {"plt_title": "b"}, If_None_Match="*")
    assert (status, words) == (412, "A record with matching key values already exists.")


@pytest.mark.covers("dv.rows.conditions", "dv.rows.delete")
def test_a_stale_etag_is_refused_on_update_and_delete(api: Api) -> None:
    path = f"plt_items({api.row(plt_title='a')})"
    etag = api.get(path)["@odata.etag"]
    assert api.call("PATCH", path, {"plt_title": "b"}, If_Match=etag).status_code == 204
    assert api.refused("PATCH", path, {"plt_title": "c"}, If_Match=etag)[:2] == (412, "0x80060882")
    assert api.refused("DELETE", path, If_Match=etag)[:2] == (412, "0x80060882")
    assert api.call("DELETE", path, If_Match=api.get(path)["@odata.etag"]).status_code == 204
    assert api.refused("DELETE", path)[:2] == (404, "0x80040217")


@pytest.mark.covers("dv.rows.conditions")
def test_an_unchanged_row_is_304(api: Api) -> None:
    path = f"plt_items({api.row(plt_title='a')})"
    said = api.call("GET", path, If_None_Match=api.get(path)["@odata.etag"])
    assert (said.status_code, said.content) == (304, b"")


@pytest.mark.covers("dv.rows.property")
def test_one_property_is_set_and_cleared(api: Api) -> None:
    path = f"plt_items({api.row(plt_title='a')})"
    assert api.call("PUT", path + "/plt_title", {"value": "b"}).status_code == 204
    assert api.get(path)["plt_title"] == "b"
    assert api.call("DELETE", path + "/plt_title").status_code == 204
    assert api.get(path)["plt_title"] is None


@pytest.mark.covers("dv.rows.keys")
def test_an_upsert_by_key_answers_with_the_key_address(api: Api) -> None:
    key = _key()
    said = api.call("PATCH", f"plt_items(plt_key='{key}')", {"plt_title": "a"})
    assert said.headers["OData-EntityId"].endswith(f"/plt_items(plt_key='{key}')")
    api.call("PATCH", f"plt_items(plt_key='{key}')", {"plt_title": "b", "plt_key": "ignored"}, If_Match="*")
    row = api.get(f"plt_items(plt_key='{key.upper()}')?$select=plt_title,plt_key")
    assert (row["plt_title"], row["plt_key"]) == ("b", key)


@pytest.mark.covers("dv.rows.key_in_body")
def test_a_key_column_in_the_body_wins_when_creating_and_is_dropped_when_updating(api: Api) -> None:
    address, other = f"plt_items(plt_key='{_key()}')?$select=plt_key", _key()
    made = api.call("PATCH", address, {"plt_key": other}, Prefer="return=representation")
    assert (made.status_code, made.json()["plt_key"]) == (201, other)
    path = f"plt_items(plt_key='{other}')?$select=plt_key"
    kept = api.call("PATCH", path, {"plt_key": _key(), "plt_title": "x"}, Prefer="return=representation")
    assert (kept.status_code, kept.json()["plt_key"]) == (200, other)


@pytest.mark.covers("dv.rows.keys")
def test_a_key_value_is_unique_whatever_its_case(api: Api) -> None:
    key = _key()
    api.row(plt_key=key)
    status, code, words = api.refused("POST", "plt_items", {"plt_key": key.upper()})
    assert (status, code) == (412, "0x80060892")
    assert "plt_key" in words


def test_a_missing_key_value_is_404(api: Api) -> None:
    said = api.refused("GET", f"plt_items(plt_key='{_key()}')")
    assert said[:2] == (404, "0x80060891")


@pytest.mark.parametrize("text", ["a:b", "a%25b", "a*b", "a%3Ab", "a&b", "a%5Cb", "a%3Fb", "a<b", "a>b"])
@pytest.mark.covers("dv.rows.key_characters")
def test_special_characters_in_key_values_fail_even_when_encoded(api: Api, text: str) -> None:
    assert api.call("GET", f"plt_items(plt_key='{text}')").status_code == 400


@pytest.mark.parametrize("text", ["a%2Fb", "a+b", "a%23b"])
@pytest.mark.covers("dv.rows.key_characters")
def test_some_characters_in_key_values_lead_nowhere(api: Api, text: str) -> None:
    assert api.call("GET", f"plt_items(plt_key='{text}')").status_code == 404


@pytest.mark.covers("dv.rows.keys")
def test_columns_that_are_no_key_are_refused(api: Api) -> None:
    status, _, words = api.refused("GET", "plt_items(plt_title='a')")
    assert status == 400
    assert words.startswith("The key in the request URI is not valid for resource")


@pytest.mark.covers("dv.rows.lookups")
def test_a_lookup_is_bound_by_id_and_by_key_and_read_as_value(api: Api) -> None:
    key = _key()
    item = api.row(plt_key=key)
    by_id = api.made("plt_notes", {"plt_Item@odata.bind": f"/plt_items({item})"})
    by_key = api.made("plt_notes", {"plt_Item@odata.bind": f"plt_items(plt_key='{key}')"})
    assert {api.get(url)["_plt_item_value"] for url in (by_id, by_key)} == {item}
    assert api.call("DELETE", by_id + "/plt_Item/$ref").status_code == 204
    assert api.get(by_id)["_plt_item_value"] is None
    assert api.call("PUT", by_id + "/plt_Item/$ref", {"@odata.id": f"{api.root}plt_items({item})"}).ok
    assert api.get(by_id)["_plt_item_value"] == item


@pytest.mark.covers("dv.rows.case")
def test_navigation_names_are_case_sensitive(api: Api) -> None:
    status, code, words = api.refused(
        "POST", "plt_notes", {"plt_item@odata.bind": f"/plt_items({uuid.uuid4()})"}
    )
    assert (status, code) == (400, "0x80048d19")
    assert "undeclared property 'plt_item'" in words


@pytest.mark.covers("dv.rows.lookups")
def test_a_lookup_to_nothing_is_404(api: Api) -> None:
    said = api.refused("POST", "plt_notes", {"plt_Item@odata.bind": f"/plt_items({uuid.uuid4()})"})
    assert said[:2] == (404, "0x80040217")


def test_deleting_a_row_clears_the_lookups_to_it(api: Api) -> None:
    item = api.row(plt_title="a")
    note = api.made("plt_notes", {"plt_Item@odata.bind": f"/plt_items({item})"})
    api.call("DELETE", f"plt_items({item})")
    assert api.get(note)["_plt_item_value"] is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"plt_title": "x" * 21}, "0x80044331"),
        ({"plt_title": 5}, "0x80048d19"),
        ({"plt_count": 101}, "0x80044330"),
        ({"plt_count": "1"}, "0x80048d19"),
        ({"plt_count": True}, "0x80048d19"),
        ({"plt_priority": 1}, "0x8004431a"),
        ({"plt_urgent": 1}, "0x80048d19"),
        ({"plt_day": "2026-03-02T00:00:00Z"}, "0x80048d19"),
        ({"plt_dueon": "2026-03-02"}, "0x80048d19"),
        ({"plt_dueon": "1752-03-02T00:00:00Z"}, "0x80040239"),
        ({"plt_unknown": 1}, "0x80048d19"),
        ({"Plt_Title": "a"}, "0x80048d19"),
        ({"_plt_item_value": "x"}, "0x80048d19"),
    ],
)
@pytest.mark.covers("dv.values.refused")
def test_values_that_do_not_fit_are_refused(api: Api, body: dict[str, object], code: str) -> None:
    table = "plt_notes" if "_plt_item_value" in body else "plt_items"
    assert api.refused("POST", table, body)[:2] == (400, code)


@pytest.mark.covers("dv.values.kept")
def test_values_come_back_as_they_were_sent(api: Api) -> None:
    sent = {
        "plt_count": 7,
        "plt_share": 12.34,
        "plt_urgent": True,
        "plt_day": "2026-03-02",
        "plt_priority": 727000001,
        "plt_text": "Zeile\nÄ ' \u2713",
    }
    row = api.get(f"plt_items({api.row(**sent, plt_dueon='2026-03-02T09:14:05.7+01:00')})")
    assert {name: row[name] for name in sent} == sent
    assert row["plt_dueon"] == "2026-03-02T08:14:05Z"


@pytest.mark.covers("dv.values.required")
def test_a_business_required_column_is_not_enforced(api: Api) -> None:
    assert api.get(f"plt_items({api.row()})")["plt_title"] is None


@pytest.mark.covers("dv.values.state")
def test_state_and_status_belong_together(api: Api) -> None:
    path = f"plt_items({api.row()})"
    row = api.get(path)
    assert (row["statecode"], row["statuscode"]) == (0, 1)
    assert api.refused("PATCH", path, {"statuscode": 2}, If_Match="*")[:2] == (400, "0x80048408")
    assert api.call("PATCH", path, {"statecode": 1, "statuscode": 2}, If_Match="*").ok
    assert api.get(path)["statecode"] == 1


@pytest.mark.covers("dv.rows.who")
def test_who_am_i_names_user_and_organisation(api: Api) -> None:
    said = api.get("WhoAmI()")
    user = api.get(f"systemusers({said['UserId']})?$select=fullname,applicationid")
    assert user["applicationid"]
    assert said["OrganizationId"]
    row = api.get(f"plt_items({api.row()})")
    assert (row["_ownerid_value"], row["_createdby_value"]) == (said["UserId"], said["UserId"])


@pytest.mark.covers("dv.errors.bodies")
def test_a_function_without_brackets_is_refused_by_the_router(api: Api) -> None:
    said = api.call("GET", "WhoAmI")
    assert said.status_code == 404
    assert said.json()["Message"].startswith("No HTTP resource was found")


@pytest.mark.covers("dv.rows.case")
def test_an_unknown_set_and_wrong_case_are_404(api: Api) -> None:
    said = (404, "0x8006088a", "Resource not found for the segment 'Plt_Items'.")
    assert api.refused("GET", "Plt_Items") == said


def test_what_is_not_offered_is_501_in_words(api: Api) -> None:
    for method, path in (
        ("GET", "plt_items?sql=SELECT plt_name FROM plt_item"),
        ("GET", "RetrieveVersion()"),
    ):
        status, code, words = api.refused(method, path)
        assert (status, code) == (501, "0x80040800")
        assert "does not offer" in words


@pytest.mark.covers("dv.errors.bodies")
def test_details_of_errors_come_when_asked_for(api: Api) -> None:
    said = api.call("GET", "Nothing", Prefer='odata.include-annotations="*"').json()["error"]
    assert "@Microsoft.PowerApps.CDS.HelpLink" in said


@pytest.mark.covers("dv.rows.bypass")
@pytest.mark.parametrize("header", ["BypassBusinessLogicExecution", "BypassCustomPluginExecution"])
def test_nobody_writes_past_webhooks(api: Api, header: str) -> None:
    said = api.call("POST", "plt_items", {"plt_name": "past"}, **{f"MSCRM.{header}": "true"})
    assert said.status_code == 501
    assert api.get("plt_items?$filter=plt_name eq 'past'")["value"] == []


@pytest.mark.covers("dv.values.system_required")
def test_columns_that_the_system_requires_are_enforced(api: Api) -> None:
    assert api.refused("POST", "solutions", {"uniquename": "plt_s", "friendlyname": "S"})[1] == "0x80040200"
    api.made("EntityDefinitions", table("plt_Strict"))
    needed = column("String", "plt_Needed", MaxLength=10, RequiredLevel={"Value": "SystemRequired"})
    api.made("EntityDefinitions(LogicalName='plt_strict')/Attributes", needed)
    assert "plt_needed" in api.refused("POST", "plt_stricts", {"plt_name": "a"})[2]
    row = api.made("plt_stricts", {"plt_needed": "a"})
    assert api.call("PATCH", row, {"plt_name": "b"}).status_code == 204
    assert api.refused("PATCH", row, {"plt_needed": None})[:2] == (400, "0x80040200")


def test_values_that_are_not_taken_have_to_be_readable(api: Api) -> None:
    path = f"plt_items({api.row()})"
    for body in ({"plt_itemid": "x"}, {"createdon": "yesterday"}, {"versionnumber": "one"}):
        assert api.refused("PATCH", path, body)[:2] == (400, "0x80048d19")
    assert api.call("PATCH", path, {"createdon": "2020-01-01T00:00:00Z"}).status_code == 204
