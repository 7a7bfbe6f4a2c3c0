"""moto as the world that is served, and the socket it is served on. Loaded by the child process only."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ssm_hardening.sandbox.application import Application
from ssm_hardening.sandbox.server import HOST
from ssm_hardening.sandbox.wire import Environ, HttpAnswer

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

_RANDOM_SEED = 20260101
"""moto draws all its ids from one generator: the same steps give the same ids."""


def listen(*, port: int, seed: str, account: str, region: str) -> "BaseWSGIServer":
    """Return a server bound to loopback, its world seeded. Raises OSError where the port is taken."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server  # noqa: PLC0415 - as above

    class Quiet(MotoRequestHandler):
        """Logs nothing: the calls are there to be asked for."""

        def log_request(self, *_: object, **__: object) -> None:
            pass

    world = MotoWorld()
    world.reset(seed=seed, account=account, region=region)
    return make_server(HOST, port, Application(world), threaded=True, request_handler=Quiet)


class MotoWorld:
    """moto, extended."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            create_backend_app,
        )

        from ssm_hardening.sandbox.services.installing import install  # noqa: PLC0415 - as above

        install()
        self._moto = DomainDispatcherApplication(create_backend_app)

    def serve(self, environ: Environ) -> HttpAnswer:
        """Answer one call; see `application.World`."""
        from werkzeug.test import run_wsgi_app  # noqa: PLC0415 - as above

        try:
            served = self._moto.get_application(environ)
        except (AttributeError, ImportError) as error:
            # A service that moto does not have, or one whose own dependencies are not installed.
            raise NotImplementedError from error
        body, status, headers = run_wsgi_app(served, environ, buffered=True)
        code, answer = int(status.split(" ", 1)[0]), b"".join(body)
        if code == HTTPStatus.NOT_FOUND and answer.startswith(b"<!doctype html>"):
            raise NotImplementedError  # no service answers so: the path is none that moto knows
        return code, dict(headers), answer

    def account_of(self, access_key: str) -> str:
        """Return the account that an access key belongs to."""
        from ssm_hardening.sandbox.services.iam import account_of  # noqa: PLC0415 - as above

        return account_of(access_key)

    def put(self, given: Mapping[str, Any]) -> None:
        """Put things into an account; see `server.Sandbox.put`."""
        from ssm_hardening.sandbox.seeds.organization import make_members  # noqa: PLC0415 - as above
        from ssm_hardening.sandbox.services.state import STATES, add  # noqa: PLC0415 - as above

        items = dict(given)
        account, region = items.pop("account"), items.pop("region")
        organization = items.pop("organization", None)
        if organization is not None:
            make_members(account, **organization)
        add(STATES[account, region], items)

    def reset(self, *, seed: str, account: str, region: str) -> None:
        """Start over with a seed."""
        from moto.core.base_backend import BackendDict
        from moto.moto_api._internal import mock_random

        from ssm_hardening.sandbox.services.iam import forget  # noqa: PLC0415 - as above
        from ssm_hardening.sandbox.services.state import STATES  # noqa: PLC0415 - as above

        BackendDict.reset()
        STATES.clear()
        forget()
        mock_random.seed(_RANDOM_SEED)
        match seed:
            case "empty":
                pass
            case "walkthrough":
                from ssm_hardening.sandbox.seeds.walkthrough import sow  # noqa: PLC0415 - as above

                sow(account, region)
            case _:
                raise ValueError(f"there is no seed {seed!r}")
