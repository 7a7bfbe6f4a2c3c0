"""Default Host Management: the setting of a Region that lends instances a role."""

from ssm_hardening.core.logic import chained
from ssm_hardening.core.values import Absent, Known, Reference, Template, Text, Unknown, Value, Why

MANAGEMENT_ROLE = "/ssm/managed-instance/default-ec2-instance-management-role"
"""The id of the setting."""

NO_ROLE = frozenset({"", "$None"})
"""What the setting holds where it lends none."""


def lent_by(setting: Value[Text]) -> Value[Text]:
    """Return the name of the role that the value of the setting stands for, without its path; Absent where none."""
    return chained(setting, lambda known: _lent(known.value, known))


def _lent(text: Text, known: Known[Text]) -> Value[Text]:
    match text:
        case str():
            return Absent(known.at) if text in NO_ROLE else Known(text.rpartition("/")[2], known.at)
        case Template(parts=(*_, str() as before, Reference() as name)) if before.endswith("/"):
            return Known(name, known.at)
        case Reference() | Template():
            return known


def path_in(setting: Value[Text]) -> Value[Text]:
    """Return the path of the role that the value of the setting names: `/`, or `/service-role/`; Absent where none."""
    return chained(setting, lambda known: _path(known.value, known))


def _path(text: Text, known: Known[Text]) -> Value[Text]:
    match text:
        case str():
            return Absent(known.at) if text in NO_ROLE else Known(_before_name(text), known.at)
        case Template(parts=(str() as before, Reference(attribute="name" | "id"))):
            return Known(_before_name(before), known.at)
        case Reference(attribute="name" | "id"):
            return Known("/", known.at)
        case Reference() | Template():
            return Unknown(Why.COMPUTED, known.at, f"the path of the role {text}")


def _before_name(text: str) -> str:
    path = text.rpartition("/")[0].strip("/")
    return f"/{path}/" if path else "/"
