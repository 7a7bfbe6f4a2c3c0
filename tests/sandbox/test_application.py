"""The application in this process, over a world that is smaller than moto."""

import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier, BrokenBarrierError
from typing import Any

from ssm_hardening.sandbox.application import Application
from ssm_hardening.sandbox.wire import Environ, HttpAnswer


@dataclass(slots=True)
class Narrow:
    """A world that notices when two calls are in it at once: each waits a moment for another one."""

    met: list[str] = field(default_factory=list)
    _door: Barrier = field(default_factory=lambda: Barrier(2))

    @contextmanager
    def _inside(self, where: str) -> Iterator[None]:
        try:
            self._door.wait(timeout=0.2)
            self.met.append(where)
        except BrokenBarrierError:
            self._door.reset()
        yield

    def serve(self, environ: Environ) -> HttpAnswer:
        with self._inside(f"serve {environ['PATH_INFO']}"):
            return 200, {}, b"{}"

    def account_of(self, access_key: str) -> str:
        with self._inside(f"account_of {access_key}"):
            return "123456789012"

    def put(self, given: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def reset(self, *, seed: str, account: str, region: str) -> None:
        raise NotImplementedError


def test_one_call_at_a_time_is_in_the_world() -> None:
    world = Narrow()
    application = Application(world)

    def call(number: int) -> None:
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/{number}",
            "HTTP_X_AMZ_TARGET": "AmazonSSM.ListDocuments",
            "wsgi.input": io.BytesIO(),
        }
        assert b"".join(application(environ, lambda *_: None)) == b"{}"

    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(call, range(4)))
    assert world.met == []
    assert len(application.calls) == 4
