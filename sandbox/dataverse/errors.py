"""Failures of the Web API and their bodies (codes: Microsoft's published list of web-service error codes)."""

from http import HTTPStatus

from werkzeug import Response

from sandbox.wire import json_response

HELP = "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{}&client=platform"


class DataverseError(Exception):
    """A refusal: HTTP status, error code and words of the service."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class NotModified(Exception):
    """The row still has the version that the caller knows: 304 without a body."""


def error_response(error: DataverseError, *, annotated: bool = False) -> Response:
    """Give the error body; annotated ones carry the details that `odata.include-annotations` asks for."""
    body: dict[str, object] = {"code": error.code, "message": error.message}
    if annotated:
        body["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] = "0"
        body["@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode"] = "0"
        body["@Microsoft.PowerApps.CDS.HelpLink"] = HELP.format(error.code)
        body["@Microsoft.PowerApps.CDS.InnerError.Message"] = error.message
    return json_response(error.status, {"error": body})


def routing_error(url: str) -> Response:
    """Give the body of the router below the service, which knows no error codes."""
    words = f"No HTTP resource was found that matches the request URI '{url}'."
    return json_response(HTTPStatus.NOT_FOUND, {"Message": words})


def challenge(host: str, words: str) -> Response:
    """Give the 401 for a token that is missing or no good: no body, and where to get one."""
    where = f'authorization_uri="https://{host}/common/oauth2/authorize", resource_id=https://{host}/'
    response = Response(status=HTTPStatus.UNAUTHORIZED)
    response.headers["WWW-Authenticate"] = (
        f'Bearer {where}, error="invalid_token", error_description="{words}"'
    )
    return response


def not_offered(what: str) -> DataverseError:
    return DataverseError(501, "0x80040800", f"The sandbox tenant does not offer {what}.")


def unknown_segment(segment: str) -> DataverseError:
    return DataverseError(404, "0x8006088a", f"Resource not found for the segment '{segment}'.")


def unknown_property(name: str, logical_name: str) -> DataverseError:
    words = f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{logical_name}'."
    return DataverseError(400, "0x0", words)


def payload_error(entity_set: str, detail: str) -> DataverseError:
    words = (
        f"Error identified in Payload provided by the user for Entity :'{entity_set}', For more information "
        f"on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  "
        f"InnerException : Microsoft.OData.ODataException: {detail}"
    )
    return DataverseError(400, "0x80048d19", words)


def undeclared_property(entity_set: str, name: str, logical_name: str) -> DataverseError:
    words = (
        f"An undeclared property '{name}' which only has property annotations in the payload but no property "
        f"value was found in the payload. In OData, only declared navigation properties and declared named "
        f"streams can be represented as properties without values. "
        f"Type 'Microsoft.Dynamics.CRM.{logical_name}'."
    )
    return payload_error(entity_set, words)


def bad_query(words: str) -> DataverseError:
    return DataverseError(400, "0x80060888", words)


def no_such_row(logical_name: str, row_id: str) -> DataverseError:
    return DataverseError(404, "0x80040217", f"{logical_name} With Id = {row_id} Does Not Exist")


def no_such_key_value(logical_name: str) -> DataverseError:
    words = f"A record with the specified key values does not exist in {logical_name} entity"
    return DataverseError(404, "0x80060891", words)


def version_mismatch() -> DataverseError:
    words = "The version of the existing record doesn't match the RowVersion property provided."
    return DataverseError(412, "0x80060882", words)


def already_exists() -> DataverseError:
    return DataverseError(412, "0x80060892", "A record with matching key values already exists.")


def duplicate_id() -> DataverseError:
    return DataverseError(412, "0x80040237", "Cannot insert duplicate key.")
