"""A tenant that goes away in the middle of the work and comes back: nothing is lost and nothing is doubled."""

import time

import pytest

from rules import keys
from tests.journeys.mails import IT, mail
from tests.journeys.world import World

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow]
SUBJECTS = ("Mouse", "Scanner", "Headset", "Monitor", "Docking station", "Badge reader")


@pytest.mark.parametrize("moment", [0.1, 0.3])
def test_an_outage_at_any_moment_loses_and_doubles_nothing(running: World, moment: float) -> None:
    before = running.sent(IT)
    round_ = int(moment * 100)
    delivered = [
        running.deliver(
            IT,
            mail(
                place,
                f"{subject} {round_}",
                text=f"The {subject} {round_} does not work.\n",
                message_id=f"<outage-{round_}-{place}@mail.northgate.example>",
            ).as_bytes(),
            name=f"mail-{round_}-{place}",
        )
        for place, subject in enumerate(SUBJECTS)
    ]
    running.nudge()
    time.sleep(moment)
    running.outage(1)
    running.settle(*delivered)
    found = running.taken(*delivered)
    assert [each["action"] for each in found] == ["new_case"] * len(SUBJECTS)
    assert len({each["case"] for each in found}) == len(SUBJECTS)
    answers = sorted(set(running.sent(IT)) - set(before))
    assert len(running.sent(IT)) - len(before) == len(answers) == len(SUBJECTS)
    wanted = [keys.mail_key(box, remote_id) for each in delivered for box, remote_id in each.copies]
    assert running.replay.app.cases.recorded(wanted) == len(wanted)
