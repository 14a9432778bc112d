"""A German firm with its own domain, prefix, types and rules: nothing of the shipped example is built in."""

# ruff: noqa: E501 - mails stand as they would be written

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.mime import read_mail
from rules import keys
from rules.case import Case, fold
from rules.decision import Organisation
from schemas.knowledge import KnowledgeList, ListPlace
from schemas.loading import load_catalogue, load_directory
from schemas.mail import MailMessage
from schemas.records import MessageRecord
from sync.intake import Intake
from sync.outbox import Outbox
from tests.fakes.memory import Fuse, MemoryCases, MemoryClock, MemoryEffects, MemoryMail, Store
from tests.unit.second_set.programs import Draft, starred, word_table, written

DATA = Path(__file__).parents[2] / "data" / "havel"
MONDAY = datetime(2026, 2, 16, 9, 0, tzinfo=UTC)
TECHNIK, PERSONAL, ZENTRALE = (f"{name}@havel-druck.example" for name in ("technik", "personal", "zentrale"))
DRUCKER = "Drucker 3 <drucker3@havel-druck.example>"
KOLLEGE = "Drucker 4 <drucker4@havel-druck.example>"
LIEFERANT = "Walzen Krüger <vertrieb@walzen-krueger.example>"
STOERUNG = [("Maschine", "M-07"), ("Fehler", "Falzwerk klemmt, Meldung F 31"), ("Seit", "heute 9:30 Uhr"), ("Gefahr", "nein"),
            ("Auswirkung", "Auflage 2 kann nicht ausgeliefert werden")]  # fmt: skip
URLAUB = [("Personal-Nr", "4711"), ("Von", "06.07.2026"), ("Bis", "24.07.2026"), ("Vertretung", "Drucker 4")]


class Firm:
    """The firm's desk in memory."""

    def __init__(self) -> None:
        organisation = Organisation(
            load_catalogue((DATA / "catalogue.yaml").read_text("utf-8")),
            load_directory((DATA / "directory.yaml").read_text("utf-8")),
            KnowledgeList(schema_version=1, list=ListPlace(site="/wissen", name="Artikel"), articles=()),
        )
        self.store, self.clock, self.mail = Store(next_number=412), MemoryClock(), MemoryMail(Fuse())
        cases = MemoryCases(self.store, self.clock, Fuse())
        self._intake = Intake(organisation, cases, self.clock)
        self._outbox = Outbox(MemoryEffects(self.store, Fuse()), self.mail, self.clock)
        self._count = 0

    def take(
        self, text: str | None, sender: str = DRUCKER, to: str = TECHNIK, subject: str = "Anfrage", *,
        minutes: int = 0, program: str = "outlook", html: str | None = None, mailbox: str = "", **more: object,
    ) -> tuple[MessageRecord, Case | None]:  # fmt: skip
        """Take one mail; its record, and the case that it is on."""
        self._count += 1
        at = MONDAY + timedelta(minutes=minutes)
        own = "@havel-druck.example" in sender and "internal" not in more
        draft = Draft(sender, to, subject, at, text, html, **{"internal": own, **more})  # type: ignore[arg-type]
        mail = read_mail(
            written(draft, program), mailbox=mailbox or to, remote_id=f"h{self._count}", received_at=at
        )
        assert isinstance(mail, MailMessage)
        self.clock.instant = at
        self.mail.deliver(mail)
        self._intake.take([mail])
        while self._outbox.drain().more:
            pass
        record, case_id = self.store.messages[keys.mail_key(mail.mailbox, mail.remote_id)]
        return record, fold(tuple(self.store.events[case_id])) if case_id else None


@pytest.fixture
def firm() -> Firm:
    return Firm()


def asked(pairs: list[tuple[str, str]]) -> str:
    return (
        "Guten Morgen,\n\n"
        + "\n".join(f"{label}: {value}" for label, value in pairs)
        + "\n\nMit freundlichen Grüßen"
    )


def became(found: tuple[MessageRecord, Case | None]) -> tuple[str | None, str | None]:
    return found[0].action, found[0].reason


def opened(found: tuple[MessageRecord, Case | None]) -> tuple[str | None, tuple[str, ...]]:
    record, case = found
    assert (record.action, case is not None) == ("new_case", True)
    assert case is not None
    return case.opened.request_type, tuple(case.missing or ())


def test_a_request_gets_a_reference_of_this_organisation(firm: Firm) -> None:
    _, case = firm.take(asked(STOERUNG), subject="Störung M-07")
    assert case is not None
    assert case.reference == "HD-00412"
    assert (case.opened.request_type, tuple(case.missing or ())) == ("technik.stoerung", ())
    assert case.opened.queue == "technik"
    assert next(letter.subject for letter, _ in firm.mail.letters.values()).startswith("[HD-00412]")


@pytest.mark.parametrize("box", [TECHNIK, PERSONAL, ZENTRALE])
def test_labels_name_the_type_in_each_mailbox(firm: Firm, box: str) -> None:
    assert opened(firm.take(asked(STOERUNG), to=box)) == ("technik.stoerung", ())
    assert opened(firm.take(asked(URLAUB), to=box, minutes=1)) == ("personal.urlaub", ())
    ill = [
        ("Personalnummer", "4711"),
        ("Krank seit", "Freitag 13.2."),
        ("Voraussichtlich bis", "20. Februar"),
    ]
    assert opened(firm.take(asked(ill), to=box, minutes=2)) == ("personal.krankmeldung", ())
    part = [
        ("Ersatzteil", "Gummiwalze 80 mm"),
        ("Anzahl", "zwei"),
        ("Betrag", "1.240,50 EUR"),
        ("Termin", "27.02.2026, 14 Uhr"),
    ]
    assert opened(firm.take(asked(part), to=box, minutes=3)) == ("technik.ersatzteil", ())


def test_values_are_read_as_germans_write_them(firm: Firm) -> None:
    part = [
        ("Teil", "Gummiwalze"),
        ("Stück", "2"),
        ("Preis", "1.240,50 €"),
        ("Bis wann", "27.2. um 14 Uhr"),
        ("Bestellung", "b20417"),
    ]
    _, case = firm.take(asked(part))
    assert case is not None
    values = {value.field: value.value for value in case.values}
    assert (values["menge"], values["preis"], values["bestellung"]) == ("2", "1240.50", "B20417")
    assert values["deadline"] == "2026-02-27T13:00:00Z"
    _, case = firm.take(
        asked(
            [
                *STOERUNG[:2],
                ("Seit", "gestern 16.45 Uhr"),
                ("Gefahr", "Nein, zum Glück"),
                ("Betroffen", "alle"),
            ]
        ),
        minutes=1,
    )
    assert case is not None
    values = {value.field: value.value for value in case.values}
    assert (values["seit"], values["gefahr"]) == ("2026-02-15T15:45:00Z", "nein")


def test_layouts_of_programs_are_read(firm: Firm) -> None:
    for minute, lay_out in enumerate((starred, word_table)):
        plain, html = lay_out(STOERUNG)
        assert opened(firm.take(plain, html=html, program="gmail", minutes=60 * minute)) == (
            "technik.stoerung",
            (),
        )


def test_the_open_question_is_answered_in_own_words(firm: Firm) -> None:
    text = "Hallo,\n\ndas Falzwerk der M-07 klemmt seit dem Schichtwechsel und wirft die Bogen aus.\n\nMaschine: M-07\nGefahr: nein\nSeit: heute 6 Uhr\nAuswirkung: ganze Schicht\n\nViele Grüße"
    assert opened(firm.take(text, subject="M-07 steht still")) == ("technik.stoerung", ())


def test_the_forms_of_other_organisations_mean_nothing(firm: Firm) -> None:
    firm.take(asked(STOERUNG))
    assert became(
        firm.take("Noch etwas dazu, es klemmt jetzt ganz.", subject="NC-000412 HD-412", minutes=60)
    ) == ("new_case", None)
    stranger = firm.take("Bitte anrufen.", "IT <it.help@northgate.example>", ZENTRALE, minutes=61)
    assert became(stranger) == ("hold", "unknown_sender")


def test_references_and_people_count_as_everywhere(firm: Firm) -> None:
    firm.take(asked(STOERUNG), message_id="<stoerung@havel-druck.example>")
    again = firm.take("Klemmt jetzt auch links.", subject="AW: [HD-00412] Störung", minutes=20)
    assert (became(again), again[1] and again[1].reference) == (("follow_up", None), "HD-00412")
    joined = firm.take(
        "Bei mir auch.",
        KOLLEGE,
        subject="AW: hd-00412",
        minutes=25,
        in_reply_to="<stoerung@havel-druck.example>",
    )
    assert became(joined) == ("follow_up", None)
    assert became(
        firm.take(
            "Wie steht es?", "Werkleiter <werkleiter@havel-druck.example>", subject="HD-00412", minutes=30
        )
    ) == ("hold", "not_a_participant")
    assert became(firm.take("Wie steht es?", LIEFERANT, subject="HD-00412", minutes=31)) == (
        "hold",
        "spoofed_reference",
    )


def test_the_window_for_repeats_is_the_organisations(firm: Firm) -> None:
    firm.take(asked(STOERUNG))
    assert became(firm.take(asked(STOERUNG), minutes=14)) == (
        "duplicate",
        "same_sender_same_text_within_window",
    )
    assert became(firm.take(asked(STOERUNG), minutes=40)) == ("new_case", None)


def test_suppliers_write_only_where_they_may(firm: Firm) -> None:
    text = "die Lieferung zu Bestellung B20417 kommt am 20.02.2026 bei Ihnen an. Bitte bestätigen Sie den Termin."
    record, case = firm.take(text, LIEFERANT, subject="Lieferung B20417")
    assert record.action == "new_case"
    assert case is not None
    assert case.opened.request_type == "technik.ersatzteil"
    assert became(firm.take(text, LIEFERANT, PERSONAL, minutes=1)) == ("hold", "unknown_sender")


@pytest.mark.parametrize(
    "sender",
    ["IT <it@havel-druck.test>", "IT <it@havel-druck-gmbh.example>", "IT <it@haveldruck.example>", "IT <it@havel-drvck.example>",
     "Geschäftsführerin <gf@havel-druck.example.test>", '"werkleiter@havel-druck.example" <x@mailbox.test>'],
)  # fmt: skip
def test_look_alikes_are_held(firm: Firm, sender: str) -> None:
    assert became(firm.take("Bitte rufen Sie mich an.", sender)) == ("hold", "phishing")


def test_our_own_domain_must_be_proven(firm: Firm) -> None:
    cheat = firm.take(
        "Bitte heute noch überweisen.",
        "Geschäftsführerin <geschaeftsfuehrerin@havel-druck.example>",
        internal=False,
        check="fail",
    )
    assert became(cheat) == ("hold", "phishing")


def test_machines_thanks_and_absences_in_german(firm: Firm) -> None:
    firm.take(asked(STOERUNG), message_id="<a@havel-druck.example>")
    alarm = firm.take(
        "Maschine: M-02\nFehler: Not-Halt",
        "Leitstand <leitstand@havel-druck.example>",
        minutes=1,
        extra={"Auto-Submitted": "auto-generated"},
    )
    assert alarm[1] is not None
    assert alarm[1].opened.request_type == "technik.stoerung"
    thanks = firm.take("Super, vielen Dank für die schnelle Hilfe!", subject="AW: [HD-00412]", minutes=5)
    assert thanks[0].details.get("only_thanks") is True
    away = firm.take(
        "Ich bin bis 20.02. nicht im Haus. In dringenden Fällen wenden Sie sich an die Zentrale.",
        subject="Automatische Antwort: [HD-00412]",
        minutes=6,
    )
    assert became(away) == ("ignore", "auto_reply")
    news = firm.take("Danke, aber es klemmt leider immer noch.", subject="AW: [HD-00412]", minutes=7)
    assert news[0].details.get("only_thanks") is None


def test_no_word_of_the_example_stands_in_the_code() -> None:
    root = Path(__file__).parents[3]
    told = {
        str(path.relative_to(root)): word
        for folder in ("rules", "connectors", "sync", "schemas", "dataverse", "api")
        for path in (root / folder).rglob("*.py")
        for word in ("northgate", "council", "town hall", '"NC-', "'NC-", "@cases.north")
        if word.lower() in path.read_text("utf-8").lower()
    }
    assert told == {}
