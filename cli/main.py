"""The `plumbline` command. Exit code 0, 1 for a negative result, 2 for wrong usage; messages go to stderr."""

import errno
import json
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.functions.errors import HostError
from sync.errors import ConfigurationError, RemoteError

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
provisioning = typer.Typer(no_args_is_help=True, help="Tables, choices and keys in Dataverse.")
app.add_typer(provisioning, name="provision")

Json = Annotated[bool, typer.Option("--json", help="For machines: JSON on stdout.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 picks a free one.")]
State = Annotated[
    Path | None,
    typer.Option(file_okay=False, help="Folder that keeps the state; a temporary one if absent."),
]
File = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Default: the shipped example.")]


def _in_a_folder(path: Path | None) -> Path | None:
    """Refuse at once what could not be written after all the work."""
    if path and not path.resolve().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.resolve().parent}; make it first")
    return path


def _a_reference(text: str) -> str:
    from api.cases import REFERENCE  # noqa: PLC0415 - each command loads only what it needs

    if not REFERENCE.match(text):
        raise typer.BadParameter("write letters, a hyphen and digits, such as NC-004211")
    return text


Out = Annotated[
    Path | None,
    typer.Option(
        "--json",
        dir_okay=False,
        writable=True,
        callback=_in_a_folder,
        help="File for the result; stdout if absent.",
    ),
]


def stderr() -> "Console":
    """Give the console for words; its library is large, and a sandbox wants to be ready soon."""
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True)


def _rules_of(path: Path | None) -> Path | None:
    """Refuse a file of faults at once, before a tenant runs without them."""
    if path:
        from sandbox.faults.files import read_file  # noqa: PLC0415 - each command loads only what it needs
        from sandbox.strict import Unusable  # noqa: PLC0415

        try:
            read_file(path)
        except Unusable as error:
            raise typer.BadParameter(f"{path}: {error}") from error
    return path


@app.command()
def sandbox(
    port: Port = 0,
    state: State = None,
    as_json: Json = False,
    faults: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, callback=_rules_of, help="Rules for faults, YAML or JSON."),
    ] = None,
    latency: Annotated[
        float, typer.Option(min=0, max=60_000, help="Milliseconds that an answer takes on its way.")
    ] = 0,
    record: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            writable=True,
            callback=_in_a_folder,
            help="File that gets each exchange as a line of JSON.",
        ),
    ] = None,
) -> None:
    """Run a Microsoft 365 tenant on this machine: sign-in, Dataverse, Graph mail. Ends with SIGTERM or Ctrl-C."""
    from sandbox.conditions import Conditions  # noqa: PLC0415
    from sandbox.run import run  # noqa: PLC0415

    raise typer.Exit(run(port, state, Conditions(faults, latency, record), as_json=as_json))


@app.command()
def host(
    port: Port = 7071,
    state: Annotated[Path, typer.Option(file_okay=False, help="Folder of queues, timers and keys.")] = Path(
        ".plumbline/host"
    ),
    as_json: Json = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--app", exists=True, file_okay=False, help="Folder of function_app.py; default: this app."
        ),
    ] = None,
    clock_url: Annotated[str | None, typer.Option(help="Follow the virtual clock of a sandbox.")] = None,
    ca_bundle: File = None,
) -> None:
    """Run a function_app.py as Azure Functions would. Settings come from the environment or local.settings.json."""
    from sandbox.functions.host import run  # noqa: PLC0415

    root = folder or Path(__file__).resolve().parent.parent
    run(root, port, state, clock_url=clock_url, ca_bundle=ca_bundle, as_json=as_json)


@app.command()
def serve(state: State = None, as_json: Json = False) -> None:
    """Run sandbox and host together, provisioned and with the shipped organisation's mailboxes. Ends with Ctrl-C."""
    from cli.serve import serve as serve_  # noqa: PLC0415

    serve_(state, as_json)


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave it running; print URLs, keys and calls to try.")
    ] = False,
) -> None:
    """Replay the 60 example mails on the sandbox and show what became of each."""
    from cli.demo import demo as demo_  # noqa: PLC0415

    demo_(keep)


@app.command()
def replay(
    manifest: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="YAML; the mails lie beside it.")
    ],
    out: Out = None,
    catalogue: File = None,
    directory: File = None,
    knowledge: File = None,
    state: State = None,
) -> None:
    """Replay any folder of mails and write what was decided about each, read back from the stored records."""
    from cli.demo import replay_folder  # noqa: PLC0415

    files = {"CATALOGUE": catalogue, "DIRECTORY": directory, "KNOWLEDGE": knowledge}
    settings = {f"PLUMBLINE_{name}": str(path.resolve()) for name, path in files.items() if path}
    document = replay_folder(manifest, settings, state, stderr())
    text = json.dumps(document, ensure_ascii=False, indent=2)
    if out:
        out.write_text(text + "\n", encoding="utf-8")
    else:
        typer.echo(text)


@app.command()
def explain(
    reference: Annotated[str, typer.Argument(callback=_a_reference, help="Such as NC-004211.")],
    as_json: Json = False,
) -> None:
    """Tell the story of a case: what happened, when, by whom and by which rule."""
    from app.wiring import load  # noqa: PLC0415
    from rules.story import story  # noqa: PLC0415

    events = load().cases.events(reference.upper())
    if not events:
        stderr().print(f"There is no case {reference.upper()}. Check the reference.", highlight=False)
        raise typer.Exit(1)
    lines = story(events)
    if as_json:
        typer.echo(
            json.dumps(
                [{"at": line.at.isoformat(), "actor": line.actor, "text": line.text} for line in lines]
            )
        )
        return
    for line in lines:
        typer.echo(f"{line.at:%Y-%m-%d %H:%M:%S}Z  {line.actor:<40}  {line.text}")


@provisioning.command("plan")
def provision_plan(as_json: Json = False) -> None:
    """Show what the tenant lacks. Exit code 1 when something does."""
    from cli.provision import show_plan  # noqa: PLC0415

    raise typer.Exit(show_plan(as_json))


@provisioning.command("apply")
def provision_apply(as_json: Json = False) -> None:
    """Create what the tenant lacks. A second run changes nothing."""
    from cli.provision import apply_plan  # noqa: PLC0415

    raise typer.Exit(apply_plan(as_json))


def main() -> None:
    """Run the command; failures become words on stderr, never a traceback."""
    try:
        app()
    except (ConfigurationError, RemoteError, HostError) as error:
        words = f"{type(error).__name__}: {error}"
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        remedy = "; choose another --port" if error.errno == errno.EADDRINUSE else ""
        words = f"This machine refuses: {place}{error.strerror or type(error).__name__}{remedy}"
    except sqlite3.Error as error:
        words = (
            f"A file of the state cannot be used: {error}. Free space on the disk, or choose another --state."
        )
    else:
        return
    stderr().print(words, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
