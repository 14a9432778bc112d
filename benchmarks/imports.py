"""Import time of function_app as a ratio to importing its libraries alone (goal: at most 1.25)."""

import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11
LIBRARIES = "import azure.functions, msal, requests, pydantic, tenacity"
APP = "import function_app"
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
    seconds(LIBRARIES), seconds(APP)  # compiles the byte code
    pairs = [(seconds(LIBRARIES), seconds(APP)) for _ in range(RUNS)]
    libraries, app = median(a for a, _ in pairs), median(b for _, b in pairs)
    return {"libraries_ms": libraries * 1000, "function_app_ms": app * 1000, "ratio": app / libraries}


def main() -> None:
    """Print the table."""
    found = measure()
    print(f"libraries alone  {found['libraries_ms']:7.1f} ms")
    print(f"function_app     {found['function_app_ms']:7.1f} ms")
    print(f"ratio            {found['ratio']:7.2f}    (goal at most {GOAL})")


if __name__ == "__main__":
    main()
