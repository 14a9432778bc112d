"""`plumbline provision`: what the tenant lacks, and creating it."""

import json

import typer
from rich.console import Console

from app.wiring import load
from dataverse.provisioning import apply, plan
from dataverse.schema import load_schema

stderr = Console(stderr=True)


def show_plan(as_json: bool) -> int:
    """Print the steps and the drift; 0 when there is nothing to do, else 1."""
    found = plan(load().dataverse, load_schema())
    if as_json:
        typer.echo(
            json.dumps({"steps": [str(step) for step in found.steps], "drift": [str(d) for d in found.drift]})
        )
    else:
        for step in found.steps:
            typer.echo(f"create  {step}")
        for difference in found.drift:
            typer.echo(f"differs {difference}")
        stderr.print(f"{len(found.steps)} steps, {len(found.drift)} differences.")
    return 1 if found.steps or found.drift else 0


def apply_plan(as_json: bool) -> int:
    """Carry out the steps; 0 when the tenant has everything afterwards, else 1."""
    client, schema = load().dataverse, load_schema()
    steps = plan(client, schema)
    outcome = apply(client, steps, progress=lambda words: stderr.print(words, highlight=False))
    for fault in outcome.faults:
        stderr.print(fault, highlight=False)
    left = plan(client, schema)
    if as_json:
        typer.echo(json.dumps({"done": len(steps.steps), "left": [str(step) for step in left.steps]}))
    else:
        stderr.print(f"{len(steps.steps)} steps done, {len(left.steps)} left, {len(left.drift)} differences.")
    return 1 if left.steps or outcome.faults else 0
