"""The Session documents that AWS owns and every account sees: tunnels and single commands."""

import json
from functools import cache

from moto.ssm.models import Document, Documents

_SHELL = {"type": "String", "description": "The command to run."}
_PORTS = {"portNumber": {"type": "String", "default": "80"}, "localPortNumber": {"type": "String", "default": "0"}}

_CONTENTS = {
    "AWS-StartInteractiveCommand": ("InteractiveCommands", {"command": _SHELL}),
    "AWS-StartNonInteractiveCommand": ("NonInteractiveCommands", {"command": _SHELL}),
    "AWS-StartPortForwardingSession": ("Port", _PORTS),
    "AWS-StartPortForwardingSessionToRemoteHost": ("Port", {**_PORTS, "host": {"type": "String"}}),
    "AWS-StartSSHSession": ("Port", {"portNumber": {"type": "String", "default": "22"}}),
}
"""Name → type of session, parameters; the texts are ours, the shapes AWS's."""


@cache
def amazon_documents() -> dict[str, Documents]:
    """Return them by name. Nobody may change them, so all accounts share one copy."""
    return {name: Documents(_document(name)) for name in _CONTENTS}


def _document(name: str) -> Document:
    session_type, parameters = _CONTENTS[name]
    content = {
        "schemaVersion": "1.0",
        "description": f"{name}, as simulated",
        "sessionType": session_type,
        "parameters": parameters,
        "properties": {parameter: f"{{{{ {parameter} }}}}" for parameter in parameters},
    }
    # moto declares its own class abstract, and makes objects of it all the same.
    return Document(  # type: ignore[abstract]
        account_id="Amazon",
        name=name,
        version_name="",
        content=json.dumps(content),
        document_type="Session",
        document_format="JSON",
        requires=[],
        attachments=[],
        target_type="",
    )
