"""The WSGI application: notes every call, injects faults, serves the control paths, and hands the rest to moto."""

import json
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from http import HTTPStatus
from threading import Lock
from typing import Any, Protocol, TypeAlias

from ssm_hardening.sandbox.faults import Fault, FaultKind, ReceivedCall
from ssm_hardening.sandbox.server import CONTROL
from ssm_hardening.sandbox.wire import Environ, HttpAnswer, access_key, error_answer, read_call

MOST_CALLS = 1_000_000
"""Calls that are remembered; a sandbox that stands open for days forgets the oldest."""

MOST_ANSWERS = 256
"""Answers that are kept for a client that did not receive them; it asks again within seconds."""

Respond: TypeAlias = Callable[[str, list[tuple[str, str]]], object]


class World(Protocol):
    """What the application serves: moto, or in tests something smaller."""

    def serve(self, environ: Environ) -> HttpAnswer:
        """Answer one call; raises NotImplementedError where the operation is not simulated."""

    def account_of(self, access_key: str) -> str:
        """Return the account that an access key belongs to."""

    def put(self, given: Mapping[str, Any]) -> None:
        """Put things into an account; raises ValueError or KeyError for what is not understood."""

    def reset(self, *, seed: str, account: str, region: str) -> None:
        """Start over with a seed; raises ValueError for one that is not known."""


@dataclass(slots=True)
class Application:
    """One simulated world behind its faults."""

    world: World
    calls: deque[ReceivedCall] = field(default_factory=lambda: deque(maxlen=MOST_CALLS))
    faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    """moto's stores and tables are plain dictionaries: one call at a time, as the interpreter runs them anyway."""
    _answered: OrderedDict[str, HttpAnswer] = field(default_factory=OrderedDict)
    """What was answered to which call of an SDK, by the id that its further attempts carry too."""

    def __call__(self, environ: Environ, start_response: Respond) -> Iterable[bytes]:
        """Answer one request, as WSGI wants it."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(CONTROL):
            status, headers, body = self._control(path.removeprefix(CONTROL), environ)
        else:
            status, headers, body = self._call(environ)
        start_response(f"{status} {_phrase(status)}", list(headers.items()))
        return [body]

    def _call(self, environ: Environ) -> HttpAnswer:
        with self._lock:  # what a path means is worked out once for a service, by code that no two threads may run
            call = read_call(environ, self.world.account_of(access_key(environ)))
        self.calls.append(call)
        fault = self._take_fault(call)
        if fault is None:
            return self._answer(call, environ)
        match fault.kind:
            case FaultKind.HANG:
                time.sleep(fault.seconds)
                return self._answer(call, environ)
            case FaultKind.MALFORMED:
                return 200, {"Content-Type": "application/octet-stream"}, b'{"<not of the protocol'
            case FaultKind.TRUNCATED:
                return _cut(self._answer(call, environ))
            case FaultKind.DENIED | FaultKind.THROTTLED | FaultKind.REGION_DISABLED | FaultKind.ERROR:
                return _for_method(error_answer(call, environ, fault), environ)

    def _take_fault(self, call: ReceivedCall) -> Fault | None:
        with self._lock:
            for place, fault in enumerate(self.faults):
                if not fault.matches(call):
                    continue
                if fault.times == 1:
                    del self.faults[place]
                elif fault.times:
                    self.faults[place] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def _answer(self, call: ReceivedCall, environ: Environ) -> HttpAnswer:
        # moto would guess the account by looking through all of them.
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
        try:
            with self._lock:
                return self._serve_once(environ)
        except NotImplementedError:
            told = f"The simulated account does not support {call.service}:{call.operation}"
        except Exception as error:  # noqa: BLE001 - moto's faults are ours to tell; as a 500, every client would retry for minutes
            traceback.print_exception(error)
            told = f"The simulated account failed in {call.service}:{call.operation}: {type(error).__name__}: {error}"
        missing = Fault(kind=FaultKind.ERROR, code="NotImplemented", status=501, message=told)
        return _for_method(error_answer(call, environ, missing), environ)

    def _serve_once(self, environ: Environ) -> HttpAnswer:
        """Answer a further attempt as the first: on a busy machine connections end early, and nothing is made twice."""
        attempt = str(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))
        if attempt in self._answered:
            return self._answered[attempt]
        answer = self.world.serve(environ)
        if attempt and answer[0] < HTTPStatus.BAD_REQUEST:
            self._answered[attempt] = answer
            if len(self._answered) > MOST_ANSWERS:
                self._answered.popitem(last=False)
        return answer

    def _control(self, what: str, environ: Environ) -> HttpAnswer:
        try:
            return _json(200, self._controlled(environ["REQUEST_METHOD"], what, environ))
        except (KeyError, TypeError, ValueError) as error:
            return _json(400, {"error": str(error)})

    def _controlled(self, method: str, what: str, environ: Environ) -> object:
        match method, what:
            case "GET", "health":
                return {"ok": True}
            case "GET", "calls":
                return [astuple(call) for call in list(self.calls)]  # at once: others go on calling
            case "DELETE", "calls":
                self.calls.clear()
            case "PUT", "faults":
                self.faults[:] = [Fault.from_json(fault) for fault in _body(environ)]
            case "POST", "put":
                with self._lock:
                    self.world.put(_body(environ))
            case "POST", "reset":
                with self._lock:
                    self.world.reset(**_body(environ))
                self.faults.clear()
                self.calls.clear()
                self._answered.clear()
            case _:
                raise ValueError(f"unknown control request: {method} {CONTROL}{what}")
        return {}


def _body(environ: Environ) -> Any:  # noqa: ANN401 - JSON
    return json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def _json(status: int, value: object) -> HttpAnswer:
    body = json.dumps(value).encode()
    return status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, body


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def _cut(answer: HttpAnswer) -> HttpAnswer:
    """Promise the whole body, and send half of it."""
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return status, {**kept, "Content-Length": str(len(body))}, body[: len(body) // 2]


def _for_method(answer: HttpAnswer, environ: Environ) -> HttpAnswer:
    """Answers to HEAD have no body."""
    status, headers, body = answer
    kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    if environ["REQUEST_METHOD"] == "HEAD":
        return status, kept, b""
    return status, {**kept, "Content-Length": str(len(body))}, body
