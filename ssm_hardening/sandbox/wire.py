"""Reads from a request what is called, and writes errors in the form of the protocol that was spoken.

Loaded by the child process only: moto's routers and serializers know each service's model.
"""

import io
import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.model import OperationModel
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import XFormedAttributePicker, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from ssm_hardening.sandbox.faults import Fault, FaultKind, ReceivedCall
from ssm_hardening.sandbox.services.state import Refusal

Environ: TypeAlias = dict[str, Any]
HttpAnswer: TypeAlias = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")

_BOTO3_NAMES = {
    "access-analyzer": "accessanalyzer",
    "eventbridge": "events",
    "monitoring": "cloudwatch",
    "sso": "sso-admin",
    "tagging": "resourcegroupstaggingapi",
}
"""Signing name → boto3's name, where they differ and matter."""

_UNKNOWN = "?"

_FORM = "application/x-www-form-urlencoded"


def access_key(environ: Environ) -> str:
    """Return the access key that signed the request, or an empty text."""
    found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found["key"] if found else ""


def read_call(environ: Environ, account: str) -> ReceivedCall:
    """Say which operation a request is; what cannot be told is "?". The body stays readable."""
    found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = _service(found["service"] if found else _UNKNOWN, environ)
    return ReceivedCall(service, _operation(service, environ), account, found["region"] if found else _UNKNOWN)


def _service(signed_for: str, environ: Environ) -> str:
    if signed_for == "s3" and environ.get("PATH_INFO", "").startswith("/v20180820/"):
        return "s3control"
    return _BOTO3_NAMES.get(signed_for, signed_for)


def _operation(service: str, environ: Environ) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rsplit(".", 1)[-1]
    query = parse_qs(environ.get("QUERY_STRING", ""))
    for given in (query, parse_qs(_form(environ))):
        if "Action" in given:
            return given["Action"][0]
    return _routed(service, environ)


def _form(environ: Environ) -> str:
    """Return the body of a form, and put it back."""
    if not str(environ.get("CONTENT_TYPE", "")).startswith(_FORM):
        return ""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return bytes(body).decode("utf-8", "replace")


def _routed(service: str, environ: Environ) -> str:
    """Find the operation of a REST request by its method and path."""
    try:
        operation, _ = get_service_router(service).match(Request({**environ, "wsgi.input": io.BytesIO()}))
    except (NotFound, NotImplementedError, UnknownServiceError):
        return _UNKNOWN
    return str(operation.name)


def error_answer(call: ReceivedCall, environ: Environ, fault: Fault) -> HttpAnswer:
    """Return what AWS answers in this case, as JSON or XML, as the service's protocol demands."""
    try:
        model = get_service_model(call.service)
    except UnknownServiceError:
        model = get_service_model("ssm")  # JSON, as most services speak
    protocol = determine_request_protocol(model, environ.get("CONTENT_TYPE", ""))
    try:
        operation = model.operation_model(call.operation)
    except OperationNotFoundError:
        operation = OperationModel({}, model)
    code, status, message = _words(fault, call, protocol)
    serializer = get_serializer_class(model.service_name, protocol)(operation, value_picker=XFormedAttributePicker())
    written = serializer.serialize(Refusal(code, message))
    body = written["body"]
    headers = {name: str(value) for name, value in written["headers"].items() if name.lower() != "status"}
    return status, headers, body if isinstance(body, bytes) else str(body).encode()


_WORDS: Mapping[FaultKind, Mapping[str, tuple[str, int]]] = {
    FaultKind.DENIED: {
        "ec2": ("UnauthorizedOperation", 403),
        "query": ("AccessDenied", 403),
        "rest-xml": ("AccessDenied", 403),
        "rest-json": ("AccessDeniedException", 403),
        "json": ("AccessDeniedException", 400),
    },
    FaultKind.THROTTLED: {
        "ec2": ("RequestLimitExceeded", 503),
        "query": ("Throttling", 400),
        "rest-xml": ("SlowDown", 503),
        "rest-json": ("TooManyRequestsException", 429),
        "json": ("ThrottlingException", 400),
    },
    FaultKind.REGION_DISABLED: {
        "ec2": ("AuthFailure", 401),
        "query": ("InvalidClientTokenId", 403),
        "rest-xml": ("InvalidAccessKeyId", 403),
        "rest-json": ("UnrecognizedClientException", 403),
        "json": ("UnrecognizedClientException", 400),
    },
}
"""How each protocol's services word a refusal, and with which HTTP status."""


def _words(fault: Fault, call: ReceivedCall, protocol: str) -> tuple[str, int, str]:
    code, status = _WORDS.get(fault.kind, {}).get(protocol, ("InternalFailure", 500))
    return fault.code or code, fault.status or status, fault.message or _message(fault.kind, call)


def _message(kind: FaultKind, call: ReceivedCall) -> str:
    match kind:
        case FaultKind.DENIED:
            who = f"arn:aws:iam::{call.account}:user/simulated"
            return f"User: {who} is not authorized to perform: {call.service}:{call.operation}"
        case FaultKind.THROTTLED:
            return "Rate exceeded"
        case FaultKind.REGION_DISABLED:
            return "The security token included in the request is invalid."
        case _:
            return "The simulated account was configured to fail here."
