"""Under which conditions a tenant runs, as the command line gives them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.recorder import Recorder
from sandbox.tenant import Tenant


@dataclass(frozen=True)
class Conditions:
    """A file of rules for faults, the latency of answers in milliseconds, a file that gets each exchange."""

    faults: Path | None = None
    latency: float = 0.0
    record: Path | None = None

    @contextmanager
    def on(self, tenant: Tenant) -> Iterator[None]:
        """Let them hold for a tenant. Raises `Unusable` for a file that holds no rules."""
        if self.faults is not None:
            from sandbox.faults.files import read_file  # noqa: PLC0415 - few tenants read a file

            tenant.faults.add(read_file(self.faults))
        if self.latency:
            tenant.limits.set(
                tenant.limits.settings.changed({"latencyMilliseconds": self.latency}, "The limits")
            )
        if self.record is None:
            yield
            return
        with Recorder(self.record) as recorder:
            tenant.observers.append(recorder)
            yield
            tenant.observers.remove(recorder)
