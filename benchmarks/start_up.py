"""How long the command line takes to start: help, and a first verdict on the example."""

import statistics
import subprocess
import sys
import time

HELP_BUDGET_SECONDS = 0.3
RUNS = 7


def seconds_of(*arguments: str) -> float:
    """Wall-clock time of one run of the command line."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "app", *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and hold the help text to its budget."""
    seconds_of("--help")
    helped = statistics.median(seconds_of("--help") for _ in range(RUNS))
    print(f"bush --help: {helped:.2f} s (budget {HELP_BUDGET_SECONDS} s)")
    seconds_of("demo", "--json")
    print(f"bush demo, verdicts on twelve clients: {min(seconds_of('demo', '--json') for _ in range(3)):.1f} s")
    if helped > HELP_BUDGET_SECONDS:
        sys.exit("the help text is over its budget")


main()
