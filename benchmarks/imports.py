"""Import time of function_app as a ratio to importing its libraries alone (goal: at most 1.25)."""

import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11
LIBRARIES = "import azure.functions, msal, requests, pydantic, tenacity"
APP = "import function_app"
READY = "import function_app, app.triggers, app.wiring"  # what the first trigger loads besides
CLOCK = "import time; t = time.process_time(); {}; print(time.process_time() - t)"
GOAL = 1.25


def seconds(statement: str) -> float:
    """CPU seconds of one import in a fresh process."""
    answer = subprocess.run(
        [sys.executable, "-c", CLOCK.format(statement)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(answer.stdout)


def measure() -> dict[str, float]:
    """Medians of alternating runs, so that both see the same machine."""
    statements = (LIBRARIES, APP, READY)
    [seconds(statement) for statement in statements]  # compiles the byte code
    runs = [[seconds(statement) for statement in statements] for _ in range(RUNS)]
    libraries, app, ready = (median(run[place] for run in runs) * 1000 for place in range(3))
    return {"libraries_ms": libraries, "function_app_ms": app, "ready_ms": ready, "ratio": app / libraries}


def main() -> None:
    """Print the table."""
    found = measure()
    print(f"libraries alone  {found['libraries_ms']:7.1f} ms")
    print(f"function_app     {found['function_app_ms']:7.1f} ms")
    print(f"with the first trigger {found['ready_ms']:5.1f} ms")
    print(f"ratio            {found['ratio']:7.2f}    (goal at most {GOAL})")


if __name__ == "__main__":
    main()
