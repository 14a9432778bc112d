"""azure-functions.md 3: one bad function and no function is served. Each app is indexed in a fresh process."""

import multiprocessing
import textwrap
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest

from sandbox.functions.engine import Engine
from sandbox.functions.errors import HostError
from sandbox.functions.functions import read_function

HEAD = "import typing, functools\nimport azure.functions as func\napp = func.FunctionApp()\n"
ROUTE = "@app.route('a')\n"
BODY = "\n    return func.HttpResponse('a')\n"
OUT = "@app.queue_output('out', queue_name='some', connection='AzureWebJobsStorage')\n"

REFUSED = {
    "Out of a builtin list": HEAD
    + ROUTE
    + OUT
    + "def f(req: func.HttpRequest, out: func.Out[list[str]]) -> func.HttpResponse:"
    + BODY,
    "an optional HTTP answer": HEAD
    + ROUTE
    + "def f(req: func.HttpRequest) -> typing.Optional[func.HttpResponse]:"
    + BODY,
    "a dict as HTTP answer": HEAD + ROUTE + "def f(req: func.HttpRequest) -> dict:" + BODY,
    "a parameter without binding": HEAD
    + ROUTE
    + "def f(req: func.HttpRequest, other) -> func.HttpResponse:"
    + BODY,
    "a binding without parameter": HEAD
    + ROUTE
    + OUT
    + "def f(req: func.HttpRequest) -> func.HttpResponse:"
    + BODY,
    "the annotation of another trigger": HEAD
    + ROUTE
    + "def f(req: func.TimerRequest) -> func.HttpResponse:"
    + BODY,
    "two functions with one name": HEAD
    + ROUTE
    + "def f(req: func.HttpRequest) -> func.HttpResponse:"
    + BODY
    + "@app.route('b')\ndef f(req: func.HttpRequest) -> func.HttpResponse:"
    + BODY,
    "a decorator without wraps": HEAD
    + textwrap.dedent("""
        def guarded(f):
            def inner(req: func.HttpRequest) -> func.HttpResponse:
                return f(req)
            return inner
        @app.route('a')
        @guarded
        def one(req: func.HttpRequest) -> func.HttpResponse: return None
        @app.route('b')
        @guarded
        def two(req: func.HttpRequest) -> func.HttpResponse: return None
    """),
    "two apps": HEAD + "other = func.FunctionApp()\n",
    "no app": "import azure.functions\n",
    "an import that fails": HEAD + "import no_such_module_anywhere\n",
    "a binding that the host does not emulate": HEAD
    + "@app.blob_trigger('b', path='p/q', connection='C')\ndef f(b: func.InputStream) -> None: pass\n",
    "an input binding": HEAD
    + ROUTE
    + "@app.blob_input('b', path='p/q', connection='C')\n"
    + "def f(req: func.HttpRequest, b: func.InputStream) -> func.HttpResponse:"
    + BODY,
    "a retry policy on a queue trigger": HEAD
    + "@app.queue_trigger('m', queue_name='some', connection='AzureWebJobsStorage')\n"
    + "@app.retry(strategy='fixed_delay', max_retry_count='3', delay_interval='00:00:10')\n"
    + "def f(m: func.QueueMessage) -> None: pass\n",
}

REASONS = {
    "Out of a builtin list": "invalid non-type annotation",
    "an optional HTTP answer": "invalid non-type return annotation",
    "a dict as HTTP answer": 'annotation "dict" does not match',
    "a parameter without binding": "{'other'}",
    "a binding without parameter": "not present in Python: {'out'}",
    "the annotation of another trigger": "annotation TimerReque",
    "two functions with one name": "f does not have a unique function name",
    "a decorator without wraps": "inner does not have a unique function name",
    "two apps": "More than one FunctionApp",
    "no app": "Could not find top level function app",
    "an import that fails": "No module named 'no_such_module_anywhere'",
    "a binding that the host does not emulate": "blobTrigger is not emulated",
    "an input binding": "blob is not emulated",
    "a retry policy on a queue trigger": "no effect on queueTrigger",
}

SERVED = {
    "Out of a typing List": HEAD
    + ROUTE
    + OUT
    + "def f(req: func.HttpRequest, out: func.Out[typing.List[str]]) -> func.HttpResponse:"
    + BODY,
    "a context": HEAD
    + ROUTE
    + "def f(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:"
    + BODY,
    "annotations kept as text": "from __future__ import annotations\n"
    + HEAD
    + ROUTE
    + "def f(req: func.HttpRequest) -> func.HttpResponse:"
    + BODY,
    "async": HEAD + ROUTE + "async def f(req: func.HttpRequest) -> func.HttpResponse:" + BODY,
    "a blueprint": HEAD
    + "blue = func.Blueprint()\n@blue.route('a')\ndef f(req: func.HttpRequest) -> func.HttpResponse:"
    + BODY
    + "app.register_functions(blue)\n",
    "a decorator with wraps": HEAD
    + textwrap.dedent("""
        def guarded(g):
            @functools.wraps(g)
            def inner(*args, **kwargs):
                return g(*args, **kwargs)
            return inner
        @app.route('a')
        @guarded
        def f(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
            return None
    """),
}


def index(folder: str, answers: SimpleQueue) -> None:
    try:
        answers.put([read_function(found).name for found in Engine.of(Path(folder)).functions])
    except HostError as exc:
        answers.put(str(exc))


@pytest.fixture(scope="module")
def fresh_processes():
    """Processes that have imported the runtime and indexed nothing; where they cannot be copied, new ones."""
    kind = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(kind)
    context.set_forkserver_preload(["sandbox.functions.host", __name__])
    return context


def indexed(context, folder: Path, source: str) -> list[str] | str:
    (folder / "function_app.py").write_text(source, encoding="utf-8")
    answers = context.SimpleQueue()
    process = context.Process(target=index, args=(str(folder), answers))
    process.start()
    answer = answers.get()
    process.join(20)
    answers.close()
    return answer


@pytest.mark.parametrize("case", REFUSED)
def test_the_whole_app_is_refused(fresh_processes, tmp_path, case):
    assert REASONS[case] in indexed(fresh_processes, tmp_path, REFUSED[case])


@pytest.mark.parametrize("source", SERVED.values(), ids=SERVED)
def test_the_app_is_served(fresh_processes, tmp_path, source):
    assert indexed(fresh_processes, tmp_path, source) == ["f"]
