from collections.abc import Iterable

import pytest

from dataverse.repositories import rows
from dataverse.schema import load_schema
from rules.case import fold
from tests.fakes.world import Desk, example_mails

BOXES = sorted({mail.mailbox for copies in example_mails().values() for mail in copies})


def everything() -> Iterable[tuple[str, rows.Row]]:
    desk = Desk()
    for copies in example_mails().values():
        for mail in copies:
            desk.clock.instant = max(desk.clock.instant, mail.received_at)
            desk.mail.deliver(mail)
    desk.round(*BOXES)
    for events in desk.store.events.values():
        case = fold(tuple(events))
        assert case
        yield "plb_case", rows.case_row(case)
        yield from (("plb_event", rows.event_row(event)) for event in events)
        yield from (("plb_fieldvalue", row) for _, row in rows.value_rows(case, events))
        yield from (("plb_slaclock", row) for _, row in rows.clock_rows(case, events))
        yield from (("plb_statusspan", row) for _, row in rows.span_rows(None, case))
    for record, case_id in desk.store.messages.values():
        yield "plb_message", rows.message_row(record, case_id)
    for item in desk.store.effects.values():
        yield "plb_effect", rows.effect_row(item["effect"], item["case"], desk.clock.now())


def test_every_row_fits_its_table() -> None:
    schema = load_schema()
    for table, row in everything():
        for name, value in row.items():
            if name.endswith("@odata.bind"):
                assert name.removesuffix("@odata.bind") in {
                    column.schema_name for column in schema.table(table).lookups
                }
                continue
            column = schema.table(table).column(name)
            if isinstance(value, str) and column.max_length:
                assert len(value) <= column.max_length, name


def test_an_event_survives_its_row() -> None:
    desk = Desk()
    for events in desk.store.events.values():
        for event in events:
            row = {**rows.event_row(event), "_plb_case_value": str(event.case_id)}
            assert rows.event_of(row) == event


@pytest.mark.parametrize("text", ["a" * 500, "ä" * 500])
def test_an_over_long_text_loses_its_end(text: str) -> None:
    from dataverse.repositories.codes import fitted  # noqa: PLC0415

    assert len(str(fitted("plb_message", {"plb_subject": text})["plb_subject"])) == 400
