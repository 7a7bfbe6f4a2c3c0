"""Where pictures are made: in threads of this process, or on the workers of a Dask cluster."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec

from ssm_hardening.errors import UsageError

PICTURES = 8
"""How many accounts and Regions are read at once in threads; each one asks several things at once."""

_CONNECT_SECONDS = 10


@contextmanager
def executor_of(named: str) -> Iterator[Executor]:
    """Give the executor that `threads` or `dask=ADDRESS` names. Leaving early drops what has not started.

    Raises UsageError.
    """
    kind, _, address = named.partition("=")
    match kind, address:
        case "threads", "":
            pool = ThreadPoolExecutor(max_workers=PICTURES)
            try:
                yield pool
            finally:
                pool.shutdown(cancel_futures=True)
        case "dask", str() if address:
            with _dask(address) as executor:
                yield executor
        case _:
            raise UsageError(f"{named!r} is no executor", hint="threads, or dask=ADDRESS (tcp://HOST:8786)")


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    if find_spec("distributed") is None:
        from ssm_hardening.installation import install_extra  # noqa: PLC0415 - only for a message

        raise UsageError("Dask is not installed", hint=install_extra("dask"))
    from distributed import Client

    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except OSError as error:
        raise UsageError(f"no Dask scheduler answers at {address}: {error}", hint="dask=tcp://HOST:8786") from error
    with client:
        # A role's answers differ from moment to moment: equal tasks are tasks of their own.
        yield client.get_executor(pure=False)
