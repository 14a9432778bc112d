"""All measurements, one after the other: `python -m benchmarks`."""

import subprocess
import sys

NAMES = ("imports", "business_time", "sandbox", "clients", "whole_path")


def main() -> None:
    """Run each in a process of its own, so that none warms the others up."""
    for name in NAMES:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
