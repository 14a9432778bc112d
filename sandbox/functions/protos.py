"""Stand-ins for the worker's protobuf messages; plain objects are all the runtime asks for.

Source: azure-functions.md 4.1.
"""

from types import SimpleNamespace
from typing import Any


class Message:
    """One protobuf message: keeps only the fields it was given, an unset field reads as None."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update({name: value for name, value in fields.items() if value is not None})

    def __getattr__(self, name: str) -> Any:
        # The runtime probes an answer for "TypedData", and Python for dunder names: both must be absent.
        if name.startswith("__") or name == "TypedData":
            raise AttributeError(name)
        return None

    def WhichOneof(self, _oneof: str) -> str | None:  # noqa: N802 - the name of the protobuf method
        """Name the member that is set."""
        return next(iter(self.__dict__), None)


class ParameterBinding(Message):
    """A named value; it always carries data, never a shared memory handle."""

    def WhichOneof(self, _oneof: str) -> str:  # noqa: N802 - the name of the protobuf method
        """Name the member that is set."""
        return "data"


def _message(name: str, **constants: object) -> type[Message]:
    return type(name, (Message,), constants)


_PLAIN = (
    "TypedData",
    "RpcHttp",
    "RpcException",
    "RpcFunctionMetadata",
    "RpcRetryOptions",
    "Timestamp",
    "WorkerInitResponse",
    "WorkerMetadata",
    "FunctionMetadataResponse",
    "FunctionLoadResponse",
    "InvocationResponse",
    "FunctionEnvironmentReloadResponse",
    "NullableString",
    "NullableBool",
    "NullableDouble",
    "NullableTimestamp",
)

PROTOS: Any = SimpleNamespace(
    BindingInfo=_message("BindingInfo", **{"in": 0, "out": 1, "inout": 2, "undefined": 0}),
    StatusResult=_message("StatusResult", Failure=0, Success=1, Cancelled=2),
    RpcHttpCookie=_message(
        "RpcHttpCookie",
        SameSite=SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3}),
    ),
    ParameterBinding=ParameterBinding,
    **{name: _message(name) for name in _PLAIN},
)


def ask(**request: object) -> SimpleNamespace:
    """Wrap one request as the runtime expects it."""
    return SimpleNamespace(
        request=SimpleNamespace(**request), properties={"host": "127.0.0.1", "protos": PROTOS}
    )
