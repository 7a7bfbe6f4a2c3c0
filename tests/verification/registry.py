"""A registry of providers for tests, on this machine: one that answers, and one that takes a call and never does."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOSTS = ("registry.terraform.io", "registry.opentofu.org")


class Calls(list[str]):
    """What was asked for, in order."""


def point_to(port: int, file: Path) -> Path:
    """Write a CLI configuration by which Terraform and OpenTofu ask that port instead of their registry."""
    address = f"http://127.0.0.1:{port}/v1/providers/"
    file.write_text(
        "".join(f'host "{host}" {{\n  services = {{ "providers.v1" = "{address}" }}\n}}\n' for host in HOSTS)
    )
    return file


def closed_port() -> int:
    """Return a port that refuses a connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def silent() -> Iterator[tuple[int, Calls]]:
    """Take every connection, and never say a word."""
    calls, held = Calls(), []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return
                calls.append("connection")

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1], calls
        listening.shutdown(socket.SHUT_RDWR)
    for each in held:
        each.close()


@contextmanager
def answering(versions: tuple[str, ...], *, code: int = 200, download: str = "") -> Iterator[tuple[int, Calls]]:
    """Answer for hashicorp/aws with these versions, or with that code; `download` is where a package would be."""
    calls = Calls()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            kind = self.path.rpartition("/")[2]
            told = {"versions": [{"version": each, "protocols": ["5.0"]} for each in versions]}
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told if kind == "versions" else package(self.path, download)).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], calls
    finally:
        server.shutdown()
        server.server_close()


def package(path: str, download: str) -> dict[str, object]:
    os, arch = path.split("/")[-2:]
    name = f"terraform-provider-aws_0_{os}_{arch}.zip"
    return {
        "protocols": ["5.0"], "os": os, "arch": arch, "filename": name, "download_url": f"{download}/{name}",
        "shasums_url": f"{download}/sums", "shasums_signature_url": f"{download}/signature", "shasum": "0" * 64,
        "signing_keys": {"gpg_public_keys": []},
    }  # fmt: skip
