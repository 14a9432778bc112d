"""What Azure would serve of function_app.py: indexed by Microsoft's own runtime, compared with a table."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = """
case_explain    httpTrigger   v1/cases/{reference}/explain   GET   FUNCTION
case_get        httpTrigger   v1/cases/{reference}           GET   FUNCTION
health          httpTrigger   health                         GET   ANONYMOUS
mailbox_poison  queueTrigger  plumbline-mailboxes-poison
mailbox_pull    queueTrigger  plumbline-mailboxes            -> plumbline-mailboxes, plumbline-outbox
outbox_drain    queueTrigger  plumbline-outbox               -> plumbline-outbox
outbox_poison   queueTrigger  plumbline-outbox-poison
plan_round      timerTrigger  0 * * * * *                    -> plumbline-mailboxes, plumbline-outbox
"""
# The runtime indexes an app once per process, so it is asked in a fresh one.
ASK = """
import json, sys
from pathlib import Path
from sandbox.functions.engine import Engine
found = Engine.of(Path(sys.argv[1])).functions
print(json.dumps([[f.name, [dict(binding) for binding in f.bindings]] for f in found]))
"""


def row(name: str, bindings: list[dict]) -> list[str]:
    [trigger] = [b for b in bindings if b["type"].endswith("Trigger")]
    outputs = sorted(b["queueName"] for b in bindings if b["type"] == "queue")
    where = trigger.get("route") or trigger.get("queueName") or trigger.get("schedule")
    methods = ",".join(str(method).upper() for method in trigger.get("methods", []))
    level = str(trigger.get("authLevel", "")).upper()
    arrow = f"-> {', '.join(outputs)}" if outputs else ""
    return " ".join([name, trigger["type"], where, methods, level, arrow]).split()


def test_the_index_is_the_committed_table() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", ASK, str(ROOT)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = [row(name, bindings) for name, bindings in json.loads(answer.stdout.splitlines()[-1])]
    assert sorted(found) == [line.split() for line in TABLE.strip().splitlines()]


def test_no_trigger_runs_at_startup() -> None:
    assert "run_on_startup=True" not in (ROOT / "function_app.py").read_text(encoding="utf-8")
