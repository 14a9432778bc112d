"""The recorded samples of lists: what they ask is taken, what they show is shown."""

import json
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "data/samples"
COLUMNS = [
    {"name": "Department", "choice": {"choices": ["HR", "IT"]}},
    {"name": "Owner", "personOrGroup": {}},
    {"name": "Tags", "choice": {"choices": ["leave", "forms"], "displayAs": "checkBoxes"}},
    {"name": "ReviewDate", "dateTime": {"format": "dateOnly"}},
    {"name": "MoreInfo", "hyperlinkOrPicture": {}},
]


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def shape(value):
    """Names and kinds, without the values."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


@pytest.mark.covers("sp.item.create", "sp.delta.deleted")
def test_an_item_is_made_and_followed_as_in_the_samples(new_site):
    site = new_site(zone="America/Los_Angeles")
    for number in range(2, 8):
        ben = site.person("Ben Ode", f"ben{number}@people.example")
    made = site.new_list(*COLUMNS)
    asked = sample("graph-listitem-create-request")
    asked["fields"]["OwnerLookupId"] = str(ben)
    said = made.call("POST", "/items", asked)
    assert said.status_code == 201
    made.edit_as(
        ben,
        said.json()["id"],
        ReviewDate="2026-06-30T12:00:00Z",
        MoreInfo={"Description": "Policy", "Url": "https://contoso.example/policy"},
    )
    link = made.follow("/items/delta?token=latest&$expand=fields")[1]
    made.touch(said.json()["id"])
    made.call("DELETE", f"/items/{made.add(Title='x')['id']}")
    page, wanted = site.get(link), sample("graph-listitem-delta-final")
    [shown, gone], [known, lost] = page["value"], wanted["value"]
    assert shown["fields"]["ReviewDate"] == known["fields"]["ReviewDate"]
    assert shape(gone) == shape(lost)
    assert shape(shown["fields"]) == shape(known["fields"])
    assert set(shown) == set(known)
    assert set(page) == set(wanted)


@pytest.mark.covers("sp.delta.expired")
def test_a_lapsed_token_is_refused_in_the_words_of_the_sample(own_site):
    made = own_site.new_list()
    link = made.follow("/items/delta")[1]
    own_site.steer("POST", "/expire-delta")
    said, known = own_site.call("GET", link).json()["error"], sample("graph-error-410-list-delta")["error"]
    for error in (said, known):
        for name in ("date", "request-id", "client-request-id"):
            error["innerError"].pop(name)
    assert said == known
