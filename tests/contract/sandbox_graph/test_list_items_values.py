"""Field values of list items: how each kind is written and read."""

import pytest

from tests.contract.sandbox_graph.sites import STRINGS, problem

INTS = "Collection(Edm.Int32)"
PEOPLE = {"personOrGroup": {"allowMultipleSelection": True}}


def refused(made, **fields):
    """The words of the refusal; the code is the same for all."""
    said = made.call("POST", "/items", {"fields": fields})
    status, code, words = problem(said)
    assert (status, code) == (400, "invalidRequest"), said.text
    return words


@pytest.mark.covers("sp.fields.plain")
def test_texts_numbers_and_truths_come_back_as_they_were_written(site):
    made = site.new_list(
        {"name": "Team", "text": {}},
        {"name": "Notes", "text": {"allowMultipleLines": True}},
        {"name": "Count", "number": {}},
        {"name": "Cost", "currency": {}},
        {"name": "Open", "boolean": {}},
    )
    given = {"Team": "Größe 👍", "Notes": "<p>long</p>" * 100, "Count": -1.25, "Cost": 10, "Open": False}
    item = made.add(**given)
    assert given.items() <= item["fields"].items()
    assert given.items() <= made.fields(item["id"]).items()


@pytest.mark.covers("sp.fields.types")
def test_values_of_another_type_are_refused(site):
    made = site.new_list(
        {"name": "Team", "text": {"maxLength": 10}},
        {"name": "Count", "number": {"minimum": 0, "maximum": 5}},
        {"name": "Open", "boolean": {}},
        {"name": "Due", "dateTime": {}},
    )
    assert "number" in refused(made, Count="5")
    assert "number" in refused(made, Count=True)
    assert "from 0 to 5" in refused(made, Count=6)
    assert "text" in refused(made, Team=5)
    assert "10 characters" in refused(made, Team="x" * 11)
    assert "255 characters" in refused(made, Title="x" * 256)
    assert "true or false" in refused(made, Open="yes")
    assert "instant" in refused(made, Due="tomorrow")
    assert "instant" in refused(made, Due="2026-02-30T10:00:00Z")
    assert "instant" in refused(made, Due=5)


@pytest.mark.covers("sp.fields.unknown")
def test_unknown_fields_and_names_with_a_leading_underscore_are_not_recognized(site):
    made = site.new_list({"name": "_private", "text": {}})
    assert refused(made, Colour="red") == "Field 'Colour' is not recognized"
    assert refused(made, title="x") == "Field 'title' is not recognized"
    assert refused(made, _private="x") == "Field '_private' is not recognized"
    item = made.add(Title="x")["id"]
    assert problem(made.change(item, {"Colour": "red"}))[2] == "Field 'Colour' is not recognized"
    assert problem(made.change(item, {"id": "7"}))[0] == 400


@pytest.mark.covers("sp.fields.readonly")
def test_service_columns_are_not_written(site):
    made = site.new_list()
    for name in ("Modified", "Created", "AuthorLookupId", "EditorLookupId", "Edit", "LinkTitle", "ID"):
        assert refused(made, **{name: "1"}).startswith(f"Field '{name}' is"), name


@pytest.mark.covers("sp.fields.choice")
def test_a_choice_is_one_of_its_words_unless_others_may_be_typed(site):
    made = site.new_list(
        {"name": "Team", "choice": {"choices": ["HR", "IT"]}},
        {"name": "Place", "choice": {"choices": ["Here"], "allowTextEntry": True}},
    )
    assert made.add(Team="HR", Place="Anywhere")["fields"]["Place"] == "Anywhere"
    assert "choices" in refused(made, Team="Legal")
    assert "text" in refused(made, Team=1)


@pytest.mark.covers("sp.fields.multichoice")
def test_several_choices_need_the_annotation_of_their_type(site):
    made = site.new_list({"name": "Tags", "choice": {"choices": ["a", "b"], "displayAs": "checkBoxes"}})
    item = made.add(**{"Tags@odata.type": STRINGS, "Tags": ["a", "b"]})
    assert made.fields(item["id"])["Tags"] == ["a", "b"]
    assert "Tags@odata.type" in refused(made, Tags=["a"])
    assert "Tags@odata.type" in refused(made, **{"Tags@odata.type": STRINGS, "Tags": "a"})
    assert "Tags@odata.type" in refused(made, **{"Tags@odata.type": INTS, "Tags": ["a"]})
    assert "choices" in refused(made, **{"Tags@odata.type": STRINGS, "Tags": ["c"]})


@pytest.mark.covers("sp.fields.datetime")
def test_an_instant_is_read_in_utc_and_whole_seconds(site):
    made = site.new_list({"name": "Due", "dateTime": {}})
    item = made.add(Due="2026-02-01T12:30:00.250+02:00")["id"]
    assert made.fields(item)["Due"] == "2026-02-01T10:30:00Z"


@pytest.mark.covers("sp.fields.dateonly")
@pytest.mark.parametrize(
    ("zone", "sent", "kept"),
    [
        ("Europe/London", "2026-01-15T12:00:00Z", "2026-01-15T00:00:00Z"),
        ("Europe/London", "2026-07-15T12:00:00Z", "2026-07-14T23:00:00Z"),
        ("America/Los_Angeles", "2026-01-15T12:00:00Z", "2026-01-15T08:00:00Z"),
        ("America/Los_Angeles", "2026-07-15T12:00:00Z", "2026-07-15T07:00:00Z"),
        ("America/Los_Angeles", "2026-07-15", "2026-07-14T07:00:00Z"),  # a bare date is UTC: a day too early
        ("Pacific/Auckland", "2026-07-15T12:00:00Z", "2026-07-15T12:00:00Z"),
    ],
)
def test_a_date_is_local_midnight_of_the_site_as_an_instant(new_site, zone, sent, kept):
    made = new_site(zone=zone).new_list({"name": "Review", "dateTime": {"format": "dateOnly"}})
    item = made.add(Review=sent)
    assert item["fields"]["Review"] == (
        sent if "T" in sent else f"{sent}T00:00:00Z"
    )  # what was sent comes back
    assert made.fields(item["id"])["Review"] == kept


@pytest.mark.covers("sp.fields.person")
def test_a_person_is_written_by_number_and_read_as_a_text_with_a_number(site):
    made = site.new_list({"name": "Owner", "personOrGroup": {}})
    number = site.person("Ada Quist", "ada@people.example")
    for given in (number, str(number)):
        item = made.add(OwnerLookupId=given)["id"]
        fields = made.fields(item)
        assert (fields["OwnerLookupId"], "Owner" in fields) == (str(number), False)
    assert made.fields(item, "Owner")["Owner"] == "Ada Quist"
    assert "existing" in refused(made, OwnerLookupId=999)
    assert "existing" in refused(made, OwnerLookupId="Ada Quist")
    assert "not recognized" in refused(made, Owner="Ada Quist")
    assert "OwnerLookupId" not in made.change(item, {"OwnerLookupId": None}).json()


@pytest.mark.covers("sp.fields.person")
def test_the_owner_of_a_new_mailbox_can_be_named_at_once(site, new_box):
    made = site.new_list({"name": "Owner", "personOrGroup": {}})
    new_box()
    newest = site.get("/lists/User Information List/items?$top=5000")["value"][-1]["id"]
    new_box()
    item = made.add(OwnerLookupId=int(newest) + 1)["id"]
    assert made.fields(item, "Owner")["Owner"] == "Desk"


@pytest.mark.covers("sp.fields.people")
def test_several_people_are_read_as_objects(site):
    made = site.new_list({"name": "Reviewers", **PEOPLE})
    ada, ben = site.person("Ada", "ada@people.example"), site.person("Ben", "ben@people.example")
    for kind, given in ((INTS, [ada, ben]), (STRINGS, [str(ada), str(ben)])):
        item = made.add(**{"ReviewersLookupId@odata.type": kind, "ReviewersLookupId": given})["id"]
        assert made.fields(item)["Reviewers"] == [
            {"LookupId": ada, "LookupValue": "Ada", "Email": "ada@people.example"},
            {"LookupId": ben, "LookupValue": "Ben", "Email": "ben@people.example"},
        ]
    assert "ReviewersLookupId@odata.type" in refused(made, ReviewersLookupId=[ada])
    assert "existing" in refused(made, **{"ReviewersLookupId@odata.type": INTS, "ReviewersLookupId": [999]})


@pytest.mark.covers("sp.fields.lookup")
def test_a_lookup_shows_the_named_column_of_the_other_list(site):
    teams = site.new_list({"name": "Code", "text": {}}, title="Teams")
    made = site.new_list(
        {"name": "Team", "lookup": {"listId": teams.id, "columnName": "Code"}},
        {"name": "Others", "lookup": {"listId": teams.id, "allowMultipleValues": True}},
    )
    teams.seed([{"Title": "Payroll", "Code": "PAY"}, {"Title": "Legal"}])
    item = made.add(TeamLookupId=1, **{"OthersLookupId@odata.type": INTS, "OthersLookupId": [2]})["id"]
    fields = made.fields(item)
    assert fields["TeamLookupId"] == "1"
    assert fields["Others"] == [{"LookupId": 2, "LookupValue": "Legal"}]
    assert made.fields(item, "Team")["Team"] == "PAY"
    assert "existing" in refused(made, TeamLookupId=3)


@pytest.mark.covers("sp.fields.lookups")
def test_a_query_has_at_most_twelve_lookups(site):
    made = site.new_list(*({"name": f"P{n}", "personOrGroup": {}} for n in range(13)))
    item = made.add(Title="x")["id"]
    for expand in ("fields", f"fields($select={','.join(f'P{n}LookupId' for n in range(13))})"):
        said = made.call("GET", f"/items/{item}?$expand={expand}")
        assert problem(said)[:2] == (400, "invalidRequest")
        assert "lookup column threshold" in said.text
    assert made.get(f"/items/{item}?$expand=fields($select={','.join(f'P{n}' for n in range(12))})")
    twice = ",".join(f"P{n},P{n}LookupId" for n in range(12))
    assert made.get(f"/items/{item}?$expand=fields($select={twice})")


@pytest.mark.covers("sp.fields.hyperlink")
def test_a_hyperlink_is_written_only_with_the_preference_and_read_as_two_texts(site):
    made = site.new_list({"name": "More", "hyperlinkOrPicture": {}})
    link = {"Description": "Policy", "Url": "https://contoso.example/policy"}
    assert "read-only" in refused(made, More=link)
    said = made.call("POST", "/items", {"fields": {"More": link}}, Prefer="apiversion=2.1")
    assert (said.status_code, said.json()["fields"]["More"]) == (201, link)
    for wrong in ("https://x", {"Url": "x"}, {"Url": "https://x", "Colour": "red"}):
        said = made.call("POST", "/items", {"fields": {"More": wrong}}, Prefer="apiversion=2.1")
        assert problem(said)[:2] == (400, "invalidRequest")


@pytest.mark.covers("sp.fields.calculated")
@pytest.mark.parametrize(
    ("formula", "kind", "value"),
    [
        ('=[Title]&" ("&Count&")"', "text", "Leave (3)"),
        ("=Count*2+1", "text", "7"),
        ("=(Count+1)*2/4-1", "number", 1.0),
        ("=Title*2", "text", "#VALUE!"),
        ("=1/[Nought]", "text", "#VALUE!"),
        ('="say ""hi"""', "text", 'say "hi"'),
        ("=Title", "number", "#VALUE!"),
    ],
)
def test_a_calculated_column_follows_the_others_and_is_not_written(site, formula, kind, value):
    made = site.new_list({"name": "Count", "number": {}}, {"name": "Nought", "number": {}})
    item = made.add(Title="Leave", Count=3, Nought=0)["id"]
    facet = {"formula": formula, "outputType": kind}
    assert made.call("POST", "/columns", {"name": "Sum", "calculated": facet}).status_code == 201
    assert made.fields(item)["Sum"] == value
    assert made.add(Title="Leave", Count=3, Nought=0)["fields"]["Sum"] == value
    assert "read-only" in refused(made, Sum="x")


@pytest.mark.covers("sp.fields.unique")
def test_a_unique_value_is_taken_once_in_any_case_and_free_again_after_a_delete(site):
    made = site.new_list({"name": "Key", "text": {}, "indexed": True, "enforceUniqueValues": True})
    first, second = made.add(Key="KB-1")["id"], made.add(Key="KB-2")["id"]
    assert "duplicate values" in refused(made, Key="kb-1")
    assert problem(made.change(second, {"Key": "KB-1"}))[:2] == (400, "invalidRequest")
    assert made.fields(second)["Key"] == "KB-2"
    assert made.change(first, {"Key": "KB-1", "Title": "x"}).status_code == 200
    made.add()
    made.add()
    made.call("DELETE", f"/items/{first}")
    assert made.change(second, {"Key": "KB-1"}).status_code == 200


@pytest.mark.covers("sp.fields.default")
def test_columns_without_a_value_take_their_default(site):
    made = site.new_list(
        {"name": "State", "choice": {"choices": ["Draft", "Live"]}, "defaultValue": {"value": "Draft"}},
        {"name": "Open", "boolean": {}, "defaultValue": {"value": "1"}},
        {"name": "Count", "number": {}, "defaultValue": {"value": "2"}},
    )
    fields = made.add()["fields"]
    assert (fields["State"], fields["Open"], fields["Count"]) == ("Draft", True, 2)
    fields = made.add(State="Live", Open=False, Count=None)["fields"]
    assert (fields["State"], fields["Open"], "Count" in fields) == ("Live", False, False)


@pytest.mark.covers("sp.fields.payload")
def test_payloads_that_are_no_fields_are_refused(site):
    made = site.new_list()
    item = made.add(Title="x")["id"]
    assert made.call("POST", "/items", {"fields": ["x"]}).status_code == 400
    assert made.call("POST", "/items", {"Title": "x"}).status_code == 400
    assert made.call("PATCH", f"/items/{item}/fields", ["x"]).status_code == 400
    assert made.call("PATCH", f"/items/{item}/fields").status_code == 400
