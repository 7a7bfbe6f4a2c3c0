"""What an account answered in this run, answered again without the network, with the faults of the simulated account.

The faults, and how a refusal is written in each protocol, are those of the simulated account itself. Nothing is kept
beyond the run, and what was never asked before goes to the account, so that a refusal may lead to other calls.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ssm_hardening.sandbox.application import Application
from ssm_hardening.sandbox.server import ACCOUNT, Sandbox
from ssm_hardening.sandbox.wire import Environ, HttpAnswer

_REQUEST = "tests.request"


@dataclass(slots=True)
class Recorded:
    """A world for the application: the answers of an account so far. `sent` counts what went over the network."""

    sandbox: Sandbox
    answers: dict[tuple[object, ...], HttpAnswer] = field(default_factory=dict)
    sent: int = 0

    def serve(self, environ: Environ) -> HttpAnswer:
        request = environ[_REQUEST]
        key = (request.method, request.url, request.headers.get("X-Amz-Target"), request.body, _region(request))
        if key not in self.answers:
            self.answers[key] = self._sent(request)
            self.sent += 1
        return self.answers[key]

    def _sent(self, request: Any) -> HttpAnswer:
        from botocore.httpsession import URLLib3Session

        answer = URLLib3Session(proxies={"http": self.sandbox.endpoint}).send(request)
        return answer.status_code, dict(answer.headers.items()), answer.content

    def account_of(self, _access_key: str) -> str:
        return ACCOUNT

    def put(self, given: object) -> None:
        raise NotImplementedError

    def reset(self, *, seed: str, account: str, region: str) -> None:
        raise NotImplementedError


def _region(request: Any) -> str:
    """Return the Region that a request is signed for: the address of the simulated account is one for all."""
    signed = request.headers.get("Authorization", "")
    text = signed.decode() if isinstance(signed, bytes) else str(signed)
    return text.partition("Credential=")[2].split("/")[2] if "Credential=" in text else ""


class _Body(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


@dataclass(frozen=True, slots=True)
class Replay:
    """Answers botocore's requests, as a handler of its event `before-send`."""

    application: Application

    def __call__(self, request: Any, **_event: object) -> Any:
        from botocore.awsrequest import AWSResponse

        told: list[tuple[int, dict[str, str]]] = []

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            told.append((int(status.partition(" ")[0]), dict(headers)))

        body = b"".join(self.application(_environ(request), start))
        ((status, headers),) = told
        return AWSResponse(request.url, status, _headers(headers), _Body(body))


def _headers(plain: dict[str, str]) -> Any:
    from botocore.compat import HTTPHeaders

    made = HTTPHeaders()
    for name, text in plain.items():
        made[name] = text
    return made


def _environ(request: Any) -> Environ:
    """Return a request as the application gets it from a server."""
    from urllib.parse import urlsplit

    from werkzeug.test import create_environ

    url = urlsplit(request.url)
    headers = {
        name: text.decode() if isinstance(text, bytes) else str(text)
        for name, text in request.headers.items()
        if name.lower() != "content-length"
    }
    made = create_environ(
        url.path, f"{url.scheme}://{url.netloc}/", query_string=url.query, method=request.method, headers=headers,
        data=request.body or b"",
    )  # fmt: skip
    return {**made, _REQUEST: request}
