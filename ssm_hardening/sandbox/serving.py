"""moto as the world that is served, and the socket it is served on. Loaded by the child process only."""

from collections.abc import Mapping
from http import HTTPStatus
from importlib import import_module
from typing import Any

from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.organizations.models import organizations_backends
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import run_wsgi_app

from ssm_hardening.sandbox.application import Application
from ssm_hardening.sandbox.seeds.accounts import make_members, make_walkthrough
from ssm_hardening.sandbox.server import HOST
from ssm_hardening.sandbox.services.account import PATHS, AccountManagement, Organizations
from ssm_hardening.sandbox.services.ec2 import AutoScaling, Compute, mend_rules, speed_up
from ssm_hardening.sandbox.services.iam import SecurityTokens, account_of, forget, share_policies
from ssm_hardening.sandbox.services.logging import CloudTrail, Logs
from ssm_hardening.sandbox.services.state import STATES, add
from ssm_hardening.sandbox.services.storage import Keys, Storage
from ssm_hardening.sandbox.services.systems_manager import SystemsManager
from ssm_hardening.sandbox.wire import Environ, HttpAnswer

_EXTENSIONS: Mapping[str, type] = {
    "account": AccountManagement,
    "autoscaling": AutoScaling,
    "cloudtrail": CloudTrail,
    "ec2": Compute,
    "kms": Keys,
    "logs": Logs,
    "organizations": Organizations,
    "s3": Storage,
    "ssm": SystemsManager,
    "sts": SecurityTokens,
}
"""moto's name of a service → the class that answers for it here."""


def install() -> None:
    """Let moto's URL tables name our classes, which extend those that were named there."""
    for service, extended in _EXTENSIONS.items():
        table = import_module(f"moto.{service}.urls").url_paths
        for path, handler in table.items():
            table[path] = getattr(extended, handler.__name__)
    # moto reads S3's table anew each time it is asked for it, and takes the class from here.
    import_module("moto.s3.responses").S3Response = Storage  # type: ignore[attr-defined]
    import_module("moto.account.urls").url_paths.update(dict.fromkeys(PATHS, AccountManagement.dispatch))
    share_policies()
    mend_rules()
    speed_up()


_RANDOM_SEED = 20260101
"""moto draws all its ids from one generator: the same steps give the same ids."""


def listen(*, port: int, seed: str, account: str, region: str) -> BaseWSGIServer:
    """Return a server bound to loopback, its world seeded. Raises OSError where the port is taken."""

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
        install()
        self._moto = DomainDispatcherApplication(create_backend_app)

    def serve(self, environ: Environ) -> HttpAnswer:
        """Answer one call; see `application.World`."""
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
        return account_of(access_key)

    def put(self, given: Mapping[str, Any]) -> None:
        """Put things into an account; see `server.Sandbox.put`."""
        items = dict(given)
        account, region = items.pop("account"), items.pop("region")
        organization = items.pop("organization", None)
        if organization is not None:
            make_members(account, **organization)
        add(STATES[account, region], items)

    def reset(self, *, seed: str, account: str, region: str) -> None:
        """Start over with a seed."""
        BackendDict.reset()
        organizations_backends.master_accounts.clear()
        STATES.clear()
        forget()
        mock_random.seed(_RANDOM_SEED)
        match seed:
            case "empty":
                pass
            case "walkthrough":
                make_walkthrough(account, region)
            case _:
                raise ValueError(f"unknown seed {seed!r}")
