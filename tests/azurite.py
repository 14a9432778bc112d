"""Azurite for tests: installed once under .tools, started once, stopped by its own process id."""

import atexit
import functools
import socket
import subprocess
import time

from tests.npm import installed, unavailable

VERSION = "3.35.0"
_ACCOUNT = "devstoreaccount1"
# The key of every emulator, published by Microsoft: not a secret.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@functools.cache
def connection_string() -> str:
    """Start Azurite and say how to reach it; skip the test where it cannot be had, fail in CI."""
    home = installed("azurite", VERSION)
    script = home / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
    ports = _free_ports(3)
    process = subprocess.Popen(
        [
            *("node", str(script), "--silent", "--disableTelemetry", "--skipApiVersionCheck"),
            *("--inMemoryPersistence", "--blobPort", str(ports[0])),
            *("--queuePort", str(ports[1]), "--tablePort", str(ports[2])),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
    )
    atexit.register(_stop, process)
    for port in ports:
        _wait_for(port, process)
    return (
        f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};"
        f"BlobEndpoint=http://127.0.0.1:{ports[0]}/{_ACCOUNT};"
        f"QueueEndpoint=http://127.0.0.1:{ports[1]}/{_ACCOUNT};"
        f"TableEndpoint=http://127.0.0.1:{ports[2]}/{_ACCOUNT};"
    )


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    unavailable(f"Azurite did not listen on port {port} within 30 s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
