"""`$metadata` and the service document, read as an OData client reads them (dataverse.md section 8)."""

from pathlib import Path

import pytest
from lxml import etree

from tests.contract.sandbox.dataverse.conftest import Api, label, table
from tests.contract.sandbox.dataverse.test_metadata_relations import many_to_many, one_to_many

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
SAMPLE = Path(__file__).parents[3] / "data" / "samples" / "dataverse" / "constructed-metadata-csdl.xml"


class Document:
    """The parts of a CSDL document by name."""

    def __init__(self, text: bytes) -> None:
        self.root = etree.fromstring(text)
        self.schema = self.root.find(f".//{EDM}Schema")
        self.types = {one.get("Name"): one for one in self.schema.findall(f"{EDM}EntityType")}
        self.sets = {one.get("Name"): one for one in self.schema.findall(f".//{EDM}EntitySet")}

    def properties(self, name: str) -> dict[str, str]:
        return {one.get("Name"): one.get("Type") for one in self.types[name].findall(f"{EDM}Property")}

    def ways(self, name: str) -> dict[str, etree._Element]:
        return {one.get("Name"): one for one in self.types[name].findall(f"{EDM}NavigationProperty")}


@pytest.fixture(scope="module", autouse=True)
def graph(api: Api) -> None:
    api.made("EntityDefinitions", table("plt_Area", Description=label('Areas < "all" & more')))
    api.made("RelationshipDefinitions", one_to_many("plt_area_note", "plt_area", "plt_note", "plt_Area"))
    api.made("RelationshipDefinitions", many_to_many("plt_area_item", "plt_area", "plt_item"))


def document(api: Api, query: str = "") -> Document:
    said = api.call("GET", f"$metadata{query}", Accept="application/xml")
    assert (said.status_code, said.headers["Content-Type"]) == (200, "application/xml")
    return Document(said.content)


@pytest.mark.covers("dv.csdl.types")
def test_a_table_has_its_key_properties_and_lookups(api: Api) -> None:
    said = document(api)
    item = said.types["plt_item"]
    assert (said.schema.get("Namespace"), said.schema.get("Alias")) == ("Microsoft.Dynamics.CRM", "mscrm")
    assert item.get("BaseType") == "mscrm.crmbaseentity"
    assert item.find(f"{EDM}Key/{EDM}PropertyRef").get("Name") == "plt_itemid"
    kinds = said.properties("plt_item")
    assert (kinds["plt_day"], kinds["plt_dueon"], kinds["plt_share"]) == (
        "Edm.Date",
        "Edm.DateTimeOffset",
        "Edm.Decimal",
    )
    assert (kinds["plt_priority"], kinds["_ownerid_value"], kinds["versionnumber"]) == (
        "Edm.Int32",
        "Edm.Guid",
        "Edm.Int64",
    )
    owner = said.ways("plt_item")["ownerid"]
    assert owner.get("Type") == "mscrm.principal"
    assert dict(owner[0].attrib) == {"Property": "_ownerid_value", "ReferencedProperty": "ownerid"}
    lookup = said.ways("plt_note")["plt_Item"]
    assert (lookup.get("Type"), lookup.get("Partner")) == ("mscrm.plt_item", "plt_item_note")
    assert dict(lookup[0].attrib) == {"Property": "_plt_item_value", "ReferencedProperty": "plt_itemid"}


@pytest.mark.covers("dv.csdl.whole")
def test_every_name_in_the_document_leads_somewhere(api: Api) -> None:
    said = document(api)
    complex_types = {one.get("Name") for one in said.schema.findall(f"{EDM}ComplexType")}
    known = {*said.types, *complex_types}
    for one in said.root.iter():
        for name in ("Type", "BaseType", "EntityType"):
            kind = (one.get(name) or "Edm.").removeprefix("Collection(").rstrip(")")
            kind = kind.replace("Microsoft.Dynamics.CRM.", "mscrm.")
            assert kind.startswith(("Edm.", "OData.")) or kind.removeprefix("mscrm.") in known, kind
    for one in said.schema.iter(f"{EDM}NavigationPropertyBinding"):
        assert one.get("Target") in said.sets
    for name, kind in said.types.items():
        for way, one in said.ways(name).items():
            partner = one.get("Partner")
            if partner is not None:
                other = one.get("Type").removeprefix("Collection(").rstrip(")").removeprefix("mscrm.")
                assert said.ways(other)[partner].get("Partner") == way, (kind, way)


@pytest.mark.covers("dv.csdl.types")
def test_it_has_the_form_of_the_sample(api: Api) -> None:
    said, sample = document(api), Document(SAMPLE.read_bytes())
    assert said.root.tag == sample.root.tag
    mine = {one.tag: set(one.attrib) for one in said.types["plt_item"].iter()}
    for one in sample.types["svc_case"].iter():
        missing = set(one.attrib) - mine[one.tag] - {"Nullable", "Unicode"}
        assert not missing, one.tag


@pytest.mark.covers("dv.csdl.keys")
def test_alternate_keys_and_operations_are_named(api: Api) -> None:
    said = document(api)
    terms = said.types["plt_item"].findall(f"{EDM}Annotation")
    assert [one.get("Term") for one in terms] == ["OData.Community.Keys.V1.AlternateKeys"]
    assert {one.get("PropertyPath") for one in terms[0].iter()} - {None} == {"plt_key"}
    names = {one.get("Name") for one in said.schema.findall(f"{EDM}Action")}
    assert {"CreateMultiple", "UpsertMultiple", "PublishXml", "InsertStatusValue"} <= names
    assert said.schema.find(f"{EDM}Function").get("Name") == "WhoAmI"


@pytest.mark.covers("dv.csdl.annotations")
def test_descriptions_come_when_asked_for(api: Api) -> None:
    assert not document(api).types["plt_area"].findall(f"{EDM}Annotation")
    found = document(api, "?annotations=true").types["plt_area"].find(f"{EDM}Annotation")
    assert found.get("String") == 'Areas < "all" & more'


@pytest.mark.covers("dv.csdl.service")
def test_the_service_document_lists_what_metadata_knows(api: Api) -> None:
    said = api.get("")
    assert said["@odata.context"] == f"{api.root}$metadata"
    assert {one["url"] for one in said["value"]} == set(document(api).sets)
    assert {"name": "plt_items", "kind": "EntitySet", "url": "plt_items"} in said["value"]


@pytest.mark.covers("dv.csdl.careless")
def test_the_documents_are_only_read(api: Api) -> None:
    assert api.refused("POST", "$metadata", {})[0] == 405
    assert api.refused("GET", "$metadata/plt_items")[0] == 404
    assert api.refused("DELETE", "")[0] == 405


@pytest.mark.covers("dv.cache.version")
def test_answers_tell_the_version_of_the_definitions_when_asked_to(api: Api) -> None:
    name = "@Microsoft.Dynamics.CRM.globalmetadataversion"
    everything = {"Prefer": 'odata.include-annotations="*"'}
    first = api.get("plt_areas", **everything)[name]
    assert api.get("plt_areas", **everything)[name] == first
    assert name not in api.get("plt_areas")
    api.made("GlobalOptionSetDefinitions", {"Name": "plt_newer", "Options": []})
    assert int(api.get("plt_areas", **everything)[name]) > int(first)
