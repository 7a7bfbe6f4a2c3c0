"""A session document of the account as a call of module `session-preferences`."""

from collections.abc import Mapping, Sequence
from shlex import quote

from ssm_hardening.model import PREFERENCES_NAME, SessionDocument
from ssm_hardening.remediation.adoption.adopted import Adopted, imports
from ssm_hardening.remediation.adoption.contents import Settings, module_inputs
from ssm_hardening.remediation.adoption.holdings import Holdings, NotAdoptableError, listed, texts
from ssm_hardening.remediation.plan import ModuleInput
from ssm_hardening.values import Known

MODULE = "session-preferences"
RESOURCE = "aws_ssm_document.this"
_KIND = "aws_ssm_document"


def adopt_document(  # noqa: PLR0913 - what is asked of a document comes from several findings
    document: SessionDocument,
    holdings: Holdings,
    *,
    label: str,
    settings: Settings,
    closes: Sequence[str],
    unshare: bool,
    stores: Mapping[str, ModuleInput],
) -> Adopted:
    """Return the call and the import.

    `settings` are to be set in the content, for the rules in `closes`; `stores` are names of adopted stores and the
    outputs that stand for them. Raises NotAdoptableError where something of the document would be lost.
    """
    holdings.demand_read()
    if not isinstance(document.name, Known) or not holdings.has(_KIND):
        raise NotAdoptableError("the account shows no such document")
    name = str(document.name.value)
    _demand_one_version(name, holdings)
    if listed(holdings.data(_KIND, "Permissions"), "Permissions") and not unshare:
        raise NotAdoptableError("it is shared with other accounts, which module session-preferences would end unasked")
    inputs = module_inputs(holdings.data(_KIND, "Content"), settings)
    for key in ("s3_bucket_name", "log_group_name"):
        given = inputs[key]
        inputs[key] = stores.get(given, given) if isinstance(given, str) else given
    tags = texts(holdings.data(_KIND, "Tags"))
    return Adopted(
        fact=document,
        label=label,
        module=MODULE,
        resource=RESOURCE,
        inputs={
            **inputs,
            **({} if name == PREFERENCES_NAME else {"document_name": name}),
            **({"tags": tags} if tags else {}),
        },
        imports=imports(label, {_KIND: RESOURCE}, holdings),
        closes=tuple(dict.fromkeys(closes)),
    )


def _demand_one_version(name: str, holdings: Holdings) -> None:
    """Raise NotAdoptableError where the default is not the latest version, which alone AWS lets anybody update."""
    latest, default = (holdings.data(_KIND, key) for key in ("DocumentVersion", "DefaultVersion"))
    if default is not None and latest is not None and default != latest:
        command = (
            f"aws ssm update-document-default-version --name {quote(name)} --document-version {quote(str(latest))}"
        )
        raise NotAdoptableError(
            f"its default version is {default} and its latest {latest}, which alone can be updated: look at both, and "
            f"make the right one the default first ({command})"
        )
