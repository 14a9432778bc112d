"""Every type of the catalogue is understood from its labels, however they are written (INT-2)."""

import pytest

from schemas.catalogue import RequestType
from schemas.mail import LabelledCell
from tests.unit.intake.world import answers, request, understood
from tests.unit.northgate import CATALOGUE

FRONT_DOOR = "servicedesk@northgate.example"
FORMS = {
    "colon": "{0}: {1}",
    "spaced colon": "{0} : {1}",
    "lower case": "{0}: {1}",
    "bullets": "- {0}: {1}",
    "dots": "• {0}: {1}",
    "numbers": "1. {0}: {1}",
    "bold": "**{0}:** {1}",
    "tab": "{0}\t{1}",
    "dash": "{0} - {1}",
    "equals": "{0} = {1}",
    "columns": "{0}     {1}",
    "table": "| {0} | {1} |",
    "full width": "{0}：{1}",
    "next line": "{0}:\n{1}",
    "spread": "{0}: {1}\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_labels_are_read_in_every_form(form: str) -> None:
    for kind in CATALOGUE.request_types.values():
        pairs = answers(kind)
        if form == "lower case":
            pairs = [(label.lower(), value) for label, value in pairs]
        found = understood(request(kind, "\n".join(FORMS[form].format(*pair) for pair in pairs)))
        assert (found.request_type, found.missing) == (kind.id, ())


@pytest.mark.parametrize("kind", CATALOGUE.request_types.values(), ids=lambda kind: kind.id)
@pytest.mark.parametrize("alias", [0, 1, 2])
def test_every_label_of_the_catalogue_counts(kind: RequestType, alias: int) -> None:
    found = understood(request(kind, "\n".join(f"{label}: {value}" for label, value in answers(kind, alias))))
    assert (found.request_type, found.missing) == (kind.id, ())


@pytest.mark.parametrize("kind", CATALOGUE.request_types.values(), ids=lambda kind: kind.id)
def test_labels_alone_name_the_type_at_the_front_door(kind: RequestType) -> None:
    text = "\n".join(f"{label}: {value}" for label, value in answers(kind))
    found = understood(request(kind, text, mailbox=FRONT_DOOR))
    assert found.request_type in {kind.id, None}
    assert found.queue in {kind.owner.queue, "front_door"}


@pytest.mark.parametrize("kind", CATALOGUE.request_types.values(), ids=lambda kind: kind.id)
def test_cells_of_a_table_are_read(kind: RequestType) -> None:
    cells = tuple(LabelledCell(label=label, value=value) for label, value in answers(kind))
    found = understood(request(kind, "Details below.", cells=cells))
    assert (found.request_type, found.missing) == (kind.id, ())


@pytest.mark.parametrize("kind", CATALOGUE.request_types.values(), ids=lambda kind: kind.id)
def test_labels_in_one_paragraph_are_read(kind: RequestType) -> None:
    text = "Good morning. " + ". ".join(f"{label}: {value}" for label, value in answers(kind)) + "."
    found = understood(request(kind, text))
    assert (found.request_type, found.missing) == (kind.id, ())


@pytest.mark.parametrize("kind", CATALOGUE.request_types.values(), ids=lambda kind: kind.id)
def test_each_required_field_left_out_is_the_one_missing(kind: RequestType) -> None:
    for field in kind.fields:
        if not field.required or field.filled_from or field.type == "text":
            continue
        pairs = [pair for pair in answers(kind) if pair[0] != field.labels[0]]
        found = understood(request(kind, "\n".join(f"{label}: {value}" for label, value in pairs)))
        if found.request_type == kind.id and field.format != "employee_number":
            assert field.id in found.missing, field.id
