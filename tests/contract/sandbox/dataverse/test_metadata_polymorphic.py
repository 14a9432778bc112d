"""Lookups to several tables: one navigation property for each (dataverse.md sections 2 and 8)."""

import pytest

from tests.contract.sandbox.dataverse.conftest import Api, Json, label, table
from tests.contract.sandbox.dataverse.test_metadata_relations import guid

TARGETS = ("plt_book", "plt_film")
TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"


def asked(at: str, lookup: str, targets: tuple[str, ...]) -> Json:
    related = [{"SchemaName": f"{at}_{lookup}_{one}", "ReferencedEntity": one} for one in targets]
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.ComplexLookupAttributeMetadata", "AttributeType": "Lookup"}
    return {
        "OneToManyRelationships": [{**one, "ReferencingEntity": at} for one in related],
        "Lookup": {**kind, "SchemaName": lookup, "DisplayName": label(lookup)},
    }


@pytest.fixture(scope="module", autouse=True)
def media(api: Api) -> None:
    for name in ("plt_Book", "plt_Film", "plt_Loan"):
        api.made("EntityDefinitions", table(name))
    said = api.call("POST", "CreatePolymorphicLookupAttribute", asked("plt_loan", "plt_Medium", TARGETS))
    assert said.status_code == 200, said.text
    assert len(said.json()["RelationshipIds"]) == 2
    assert said.json()["AttributeId"]


@pytest.mark.covers("dv.polymorphic.create")
def test_each_target_has_its_relationship_and_navigation_property(api: Api) -> None:
    path = "EntityDefinitions(LogicalName='plt_loan')"
    rows = api.get(f"{path}/ManyToOneRelationships")["value"]
    names = {row["ReferencedEntity"]: row["ReferencingEntityNavigationPropertyName"] for row in rows}
    assert names == {"plt_book": "plt_Medium_plt_book", "plt_film": "plt_Medium_plt_film"}
    assert tuple(api.get(f"{path}/Attributes(LogicalName='plt_medium')")["Targets"]) == TARGETS


@pytest.mark.covers("dv.polymorphic.bind")
def test_a_row_refers_to_either_table_by_its_own_property(api: Api) -> None:
    notes = {"Prefer": 'odata.include-annotations="*"'}
    for target in TARGETS:
        row = api.made(f"{target}s", {"plt_name": target})
        loan = api.made("plt_loans", {f"plt_Medium_{target}@odata.bind": f"/{target}s({guid(row)})"})
        said = api.get(loan, **notes)
        assert said["_plt_medium_value"] == guid(row)
        assert said[f"_plt_medium_value@{TABLE}"] == target
        assert said[f"_plt_medium_value@{NAVIGATION}"] == f"plt_Medium_{target}"
        assert api.call("DELETE", f"{loan}/plt_Medium_{target}/$ref").status_code == 204
        assert api.get(loan, **notes).get(f"_plt_medium_value@{TABLE}") is None
        assert api.call("PUT", f"{loan}/plt_Medium_{target}/$ref", {"@odata.id": row}).status_code == 204
        api.call("DELETE", row)
        assert api.get(loan)["_plt_medium_value"] is None


@pytest.mark.covers("dv.polymorphic.careless")
def test_the_property_without_suffix_and_that_of_the_other_table_are_refused(api: Api) -> None:
    film = guid(api.made("plt_films", {}))
    for name in ("plt_Medium", "plt_medium_plt_film"):
        said = api.refused("POST", "plt_loans", {f"{name}@odata.bind": f"/plt_films({film})"})
        assert said[1] == "0x80048d19"
        assert "undeclared property" in said[2]
    wrong = {"plt_Medium_plt_book@odata.bind": f"/plt_films({film})"}
    assert api.refused("POST", "plt_loans", wrong)[:2] == (400, "0x80048d19")


@pytest.mark.covers("dv.polymorphic.customer")
def test_a_customer_is_an_account_or_a_contact(api: Api) -> None:
    body = asked("plt_loan", "plt_Customer", ("account", "contact"))
    assert api.call("POST", "CreateCustomerRelationships", body).status_code == 200
    column = api.get("EntityDefinitions(LogicalName='plt_loan')/Attributes(LogicalName='plt_customer')")
    assert (column["AttributeType"], column["@odata.type"]) == (
        "Customer",
        "#Microsoft.Dynamics.CRM.LookupAttributeMetadata",
    )
    account = guid(api.made("accounts", {"name": "A"}))
    loan = api.made("plt_loans", {"plt_Customer_account@odata.bind": f"/accounts({account})"})
    assert api.get(loan)["_plt_customer_value"] == account
    person = {"lastname": "B", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
    assert api.get(api.made("contacts", person))["_parentcustomerid_value"] == account
    assert (
        api.refused("POST", "CreateCustomerRelationships", asked("plt_loan", "plt_C2", ("account",)))[0]
        == 400
    )


@pytest.mark.covers("dv.polymorphic.careless")
def test_lookups_that_cannot_be_are_refused_and_leave_nothing(api: Api) -> None:
    good = asked("plt_loan", "plt_Wrong", TARGETS)
    other = {"SchemaName": "plt_o", "ReferencedEntity": "plt_book", "ReferencingEntity": "plt_film"}
    relations = good["OneToManyRelationships"]
    for body, status in (
        ({}, 400),
        ({**good, "Lookup": "x"}, 400),
        ({**good, "OneToManyRelationships": []}, 400),
        ({**good, "Extra": 1}, 400),
        ({**good, "OneToManyRelationships": [*relations, other]}, 400),
        ({**good, "OneToManyRelationships": [relations[0], relations[0]]}, 400),
        (asked("plt_loan", "plt_Medium", TARGETS), 400),
        (asked("plt_loan", "plt_Wrong", ("plt_book", "plt_none")), 404),
    ):
        assert api.refused("POST", "CreatePolymorphicLookupAttribute", body)[0] == status, body
    path = "EntityDefinitions(LogicalName='plt_loan')/Attributes(LogicalName='plt_wrong')"
    assert api.refused("GET", path)[0] == 404


@pytest.mark.covers("dv.delete.polymorphic")
def test_one_target_of_several_is_not_taken_away_alone(api: Api) -> None:
    path = "RelationshipDefinitions(SchemaName='plt_loan_plt_Medium_plt_film')"
    assert api.refused("DELETE", path)[:2] == (501, "0x80040800")
