"""Other mails than the shipped ones, delivered to a desk in memory: each gets its action, reason and case."""

import pytest

from tests.unit.second_set.edges import EDGES
from tests.unit.second_set.machines import ABSENCE, CALENDAR, CHEATS, LISTS, MACHINES, OUTSIDE, REPORTS
from tests.unit.second_set.scene import Scene, played
from tests.unit.second_set.threads import CLOSED, REPEATS, THANKS, THREADS

SCENES = [
    *THREADS,
    *REPEATS,
    *CLOSED,
    *THANKS,
    *ABSENCE,
    *REPORTS,
    *CALENDAR,
    *LISTS,
    *MACHINES,
    *CHEATS,
    *OUTSIDE,
    *EDGES,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.group}: {scene.name}")
def test_each_mail_gets_its_action(scene: Scene) -> None:
    found = played(scene)
    assert (found.record.action, found.record.reason) == (scene.action, scene.reason)
    if scene.of:
        assert found.reference == scene.of
    if scene.type:
        assert found.request_type == scene.type
    if scene.related:
        assert found.record.related == scene.related
    assert found.linked_to == scene.linked_to
    assert {name: found.record.details.get(name) for name in scene.only} == scene.only
    opening = ("new_case", "duplicate")
    if scene.action not in opening and len(scene.mails) == 1:
        assert (found.opened, found.letters) == (0, 0)
