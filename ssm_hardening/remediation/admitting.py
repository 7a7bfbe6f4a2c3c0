"""The change that admits CloudWatch Logs to a key: which names the statement needs, and the edits that write it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Known, Reference, Unknown, Why
from ssm_hardening.model import Fact, Key, LogGroup
from ssm_hardening.remediation.admission import SID, Admission, Surroundings, inside
from ssm_hardening.remediation.changes import AdmitLogs
from ssm_hardening.remediation.hcl_edit import attribute_of
from ssm_hardening.remediation.objects import NotEditableError, TextEdit
from ssm_hardening.remediation.places import OpenFile, file_of
from ssm_hardening.remediation.policies import Folder, demand_plain, first_policy, folder_of, widen

DATA_FILE = "ssm_harden_data.tf"
_OURS = "ssm_harden"
_DATA = ("aws_partition", "aws_region", "aws_caller_identity")
DATA_TEXT = "\n".join(f'data "{kind}" "{_OURS}" {{}}\n' for kind in _DATA)


@dataclass(frozen=True, slots=True)
class Admitted:
    """The edits of one file; `data_folder` is where `DATA_FILE` is needed, "" where nothing is."""

    path: str
    edits: list[TextEdit]
    data_folder: str


def admit(change: AdmitLogs, others: Sequence[Fact], open_file: OpenFile) -> Admitted:
    """Return the edits that admit CloudWatch Logs. Raises NotEditableError.

    `others` are all facts there are: their files are looked at for what the policy is made of.
    """
    key = change.fact
    file, block = file_of(key, open_file)
    demand_plain(block)
    folder = folder_of(key, others, [DATA_FILE], open_file)
    names = _surroundings(folder)
    surroundings = names or Surroundings(_OURS, _OURS, _OURS)
    admission = Admission(
        _free_sid(key),
        surroundings.service,
        tuple(_arn(group, key, surroundings, open_file) for group in change.groups),
    )
    widened = widen(key, block, folder, admission)
    if widened is None:
        widened = file.path, first_policy(file, block, admission.policy(surroundings.root, 2))
    return Admitted(*widened, folder.path if names is None else "")


def _surroundings(folder: Folder) -> Surroundings | None:
    """Return the folder's own data sources; None where one of them is not there."""
    found: dict[str, str] = {}
    for _, block in folder.blocks("data"):
        if block.labels[0] in _DATA and not block.body.attributes and not block.body.blocks:
            found.setdefault(block.labels[0], block.labels[1])
    if set(found) != set(_DATA):
        return None
    return Surroundings(found["aws_partition"], found["aws_region"], found["aws_caller_identity"])


def _arn(group: LogGroup, key: Key, surroundings: Surroundings, open_file: OpenFile) -> str:
    one, other = group.origin, key.origin
    file, block = file_of(group, open_file)
    if isinstance(one, CodeOrigin) and isinstance(other, CodeOrigin) and one.module_path != other.module_path:
        raise NotEditableError(f"the log group {group.address} is declared in another module than the key")
    demand_plain(block)
    name = attribute_of(block.body, "name")
    if name is None or not _is_settled(group):
        raise NotEditableError(f"the name of {group.address} is not known before it is made")
    return surroundings.group(inside(file.text, name.value))


def _is_settled(group: LogGroup) -> bool:
    """Say whether the name is a text by itself, or one that an input decides."""
    match group.name:
        case Known(Reference()) | Absent():
            return False
        case Known():
            return True
        case Unknown(why):
            return why is Why.UNRESOLVED_INPUT


def _free_sid(key: Key) -> str:
    """Return a Sid that no statement of the policy has."""
    taken = {each.sid.value for each in key.statements.items if isinstance(each.sid, Known)}
    numbered = (SID if number == 1 else f"{SID}{number}" for number in range(1, len(taken) + 2))
    return next(sid for sid in numbered if sid not in taken)
