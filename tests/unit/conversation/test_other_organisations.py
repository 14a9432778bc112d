"""Nothing in the rules knows the example organisation: another domain, another prefix, another policy."""

from rules.conversation import classify, wanted
from schemas.loading import load_catalogue, load_directory
from schemas.mail import MailMessage
from schemas.thread import ThreadHits, Verdict
from tests.unit.conversation.world import PASSED, became, case, mail
from tests.unit.northgate import EXAMPLES


def _renamed(name: str) -> str:
    text = (EXAMPLES / name).read_text("utf-8").replace("northgate.example", "riverton.test")
    return text.replace("prefix: NC", "prefix: SD").replace("NC-", "SD-").replace("digits: 6", "digits: 5")


CATALOGUE = load_catalogue(_renamed("catalogue.yaml").replace("SD-000000", "SD-00000"))
DIRECTORY = load_directory(_renamed("directory.yaml"))
OFFICER = "Housing Officer 12 <housing.officer12@riverton.test>"
INTERNAL = {"X-MS-Exchange-Organization-AuthAs": "Internal"}


def judge(given: MailMessage, hits: ThreadHits | None = None) -> Verdict:
    return classify(given, CATALOGUE, DIRECTORY, hits or ThreadHits())


def written(text: str, **values: str) -> MailMessage:
    basics = {"sender": OFFICER, "to": "it.help@riverton.test", "mailbox": "it.help@riverton.test"}
    headers = (
        INTERNAL if "@riverton.test" in {**basics, **values}["sender"] else {"Authentication-Results": PASSED}
    )
    given = mail(text, headers=headers, **{**basics, **values})
    return given.model_copy(
        update={"check": given.check.model_copy(update={"internal": headers is INTERNAL})}
    )


def test_references_have_the_form_of_the_organisation() -> None:
    given = written("One more thing.", subject="SD-00412 again, NC-004101")
    assert wanted(given, CATALOGUE).references == ("SD-00412",)
    own = case("SD-00412", requester="housing.officer12@riverton.test")
    assert judge(given, ThreadHits(by_reference={"SD-00412": own})).case == own


def test_inside_and_outside_follow_the_organisation() -> None:
    assert judge(written("My screen is broken.")).action == "new_case"
    stranger = written("My screen is broken.", sender="Officer <officer@northgate.example>")
    assert became(judge(stranger)) == ("hold", "unknown_sender")
    assert became(judge(written("Hello", sender="IT <x@r1verton.example>"))) == ("hold", "phishing")


def test_an_organisation_may_accept_strangers() -> None:
    rules = CATALOGUE.mail_rules.model_copy(update={"unknown_external_sender": "accept"})
    open_house = CATALOGUE.model_copy(update={"mail_rules": rules})
    given = written("My screen is broken.", sender="Guest <guest@visitor.test>")
    assert classify(given, open_house, DIRECTORY, ThreadHits()).action == "new_case"
