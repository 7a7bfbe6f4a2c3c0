"""The calls of our modules, wired to one another, and the variables they need."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssm_hardening.core.values import Known
from ssm_hardening.hcl import ast
from ssm_hardening.model import LogGroup
from ssm_hardening.remediation.changes import FromOwner, Part, Phase
from ssm_hardening.remediation.documents import IDLE_MINUTES, LONGEST_MINUTES
from ssm_hardening.remediation.plan import FromExpression, FromVariable, ModuleCall, ModuleInput, Variable
from ssm_hardening.remediation.remedies import IN_NEW_PREFERENCES
from ssm_hardening.remediation.stores import ACCEPTED_RETENTION
from ssm_hardening.remediation.wiring import (
    GROUP_NAME,
    NEEDED_BY,
    PREFIX,
    SAMPLE_ACCOUNT,
    SAMPLE_BUCKET,
    label,
    run_as_variable,
)
from ssm_hardening.remediation.withholding import CHANNEL, Withheld
from ssm_hardening.verdicts.standards import Thresholds

_DEFAULT_RETENTION = 365
_BUCKET_NAME = r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"
_ROLE = r"^arn:[a-z-]+:iam::[0-9]{12}:role/[^*?]+$"
_PERSON = r"^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$"


@dataclass(frozen=True, slots=True)
class Calls:
    """Module calls with the phase of each, and the variables they read."""

    calls: tuple[tuple[Phase, ModuleCall], ...]
    variables: tuple[Variable, ...]


@dataclass(slots=True)
class CallMaker:
    """Makes the calls for the parts that are needed.

    `triggers` maps each part to the rules that asked for it. `served` are existing log groups that the logs key is to
    serve, `given` the names of stores that exist, by the output that would stand for them (`log_bucket.bucket_name`).
    `node_roles` are those of the account's nodes, where all of them are known. `off` is what the new
    preferences leave off.
    """

    into: bool
    thresholds: Thresholds
    triggers: Mapping[Part, frozenset[str]]
    served: tuple[LogGroup, ...] = ()
    given: Mapping[str, ModuleInput] = field(default_factory=dict)
    node_roles: tuple[str, ...] = ()
    off: tuple[Withheld, ...] = ()

    def make(self) -> Calls:
        """Return the calls in the order of their phases."""
        parts = set(self.triggers) | {NEEDED_BY[part] for part in self.triggers if part in NEEDED_BY}
        variables: dict[str, Variable] = {}
        made: list[tuple[Phase, ModuleCall]] = []
        if parts & {Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY}:
            made.append((Phase.KEYS, self._keys(parts, variables)))
        if Part.BUCKET in parts:
            made.append((Phase.STORES, self._bucket(variables)))
        if Part.GROUP in parts:
            made.append((Phase.STORES, self._group()))
        if Part.PREFERENCES in parts:
            made.append((Phase.PREFERENCES, self._preferences(variables)))
        return Calls(tuple(made), tuple(variables.values()))

    def _name(self, base: str) -> str:
        return f"{PREFIX}{base}" if self.into else base

    def _variable(self, variable: Variable, variables: dict[str, Variable]) -> FromVariable:
        variables.setdefault(variable.name, variable)
        return FromVariable(variable.name)

    def _roles(self, base: str, what: str, pattern: str, variables: dict[str, Variable]) -> FromVariable:
        name = self._name(base)
        variable = Variable(
            name=name,
            type="list(string)",
            description=what,
            sample=[f"arn:aws:iam::{SAMPLE_ACCOUNT}:role/{base.removesuffix('_arns').replace('_', '-')}"],
            validation=f'alltrue([for arn in var.{name} : can(regex("{pattern}", arn))])',
            validation_message=f"{name} must contain full ARNs without wildcards.",
        )
        return self._variable(variable, variables)

    def _nodes(self, variables: dict[str, Variable]) -> ModuleInput:
        if self.node_roles:
            return list(self.node_roles)
        what = (
            "Full ARNs of the roles of the instances that sessions reach. With an empty list, IAM policies must grant "
            "the permissions."
        )
        return self._roles("node_role_arns", what, _ROLE, variables)

    def _keys(self, parts: set[Part], variables: dict[str, Variable]) -> ModuleCall:
        purposes = [part.value for part in (Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY) if part in parts]
        inputs: dict[str, ModuleInput] = {"purposes": list(purposes), "node_role_arns": self._nodes(variables)}
        if Part.SESSION_KEY in parts:
            what = (
                "Full ARNs of the roles or users who start sessions. They get data keys for sessions, but no access to "
                "logs."
            )
            inputs["operator_role_arns"] = self._roles("operator_role_arns", what, _PERSON, variables)
        if Part.BUCKET_KEY in parts:
            what = (
                "Full ARNs of the roles or users who may read recordings in the bucket. Keep them separate from the "
                "operators."
            )
            inputs["log_reader_arns"] = self._roles("log_reader_arns", what, _PERSON, variables)
        if Part.LOGS_KEY in parts:
            inputs |= self._served_names(parts, variables)
        note = "Creates one customer managed key per purpose. Each key policy allows only the principals named here."
        if self.node_roles:
            note += " The node roles are those of the current nodes; add the roles of future nodes."
        return self._call("session_keys", inputs, self._rules(*parts - {Part.BUCKET, Part.GROUP}), note)

    def _served_names(self, parts: set[Part], variables: dict[str, Variable]) -> dict[str, ModuleInput]:
        """Return the names of the log groups that CloudWatch Logs may use the key for: the new one and others."""
        if Part.GROUP in parts or not self.served:
            return {"log_group_name": GROUP_NAME, **self._further_names(self.served, variables)}
        first, *others = self.served
        match first.name:
            case Known(str() as name):
                given: ModuleInput = name
            case _:
                name = self._name("log_group_name")
                what = f"Name of the existing log group {first.address} that uses the key."
                given = self._variable(Variable(name, "string", what, GROUP_NAME), variables)
        return {"log_group_name": given, **self._further_names(tuple(others), variables)}

    def _further_names(self, groups: tuple[LogGroup, ...], variables: dict[str, Variable]) -> dict[str, ModuleInput]:
        if not groups:
            return {}
        known = [each.name.value for each in groups if isinstance(each.name, Known)]
        literal = [name for name in known if isinstance(name, str)]
        if len(literal) == len(groups):
            return {"further_log_group_names": literal}
        name, addresses = self._name("further_log_group_names"), ", ".join(each.address for each in groups)
        what = f"Names of the existing log groups {addresses} that also use the key."
        variable = Variable(name, "list(string)", what, [f"{GROUP_NAME}-{number}" for number in range(len(groups))])
        return {"further_log_group_names": self._variable(variable, variables)}

    def _bucket(self, variables: dict[str, Variable]) -> ModuleCall:
        name = self._name("log_bucket_name")
        message = f"{name} must have 3 to 63 lowercase letters, digits, and hyphens."
        variable = Variable(
            name=name,
            type="string",
            description="Name of the new bucket for recordings. Bucket names are globally unique.",
            sample=SAMPLE_BUCKET,
            validation=f'can(regex("{_BUCKET_NAME}", var.{name}))',
            validation_message=message,
        )
        inputs: dict[str, ModuleInput] = {
            "bucket_name": self._variable(variable, variables),
            "kms_key_arn": self._of("session_keys", "bucket_key_arn"),
            "writer_role_arns": self._nodes(variables),
        }
        least = self.thresholds.retention_days_min
        if least > _DEFAULT_RETENTION:
            inputs["retention_days"] = least
        if self.thresholds.object_lock_required:
            inputs["object_lock"] = {"days": least}
        note = "Creates a private, versioned, and encrypted bucket. Only recordings expire, under their prefix."
        return self._call("log_bucket", inputs, self._rules(Part.BUCKET), note)

    def _group(self) -> ModuleCall:
        inputs: dict[str, ModuleInput] = {
            "name": GROUP_NAME,
            "kms_key_arn": self._of("session_keys", "log_group_key_arn"),
        }
        least = self.thresholds.retention_days_min
        if least > _DEFAULT_RETENTION:
            inputs["retention_in_days"] = next((each for each in ACCEPTED_RETENTION if each >= least), 0)
        return self._call("log_group", inputs, self._rules(Part.GROUP), "Receives session logs while sessions run.")

    def _preferences(self, variables: dict[str, Variable]) -> ModuleCall:
        prefix = PREFIX if self.into else ""
        inputs: dict[str, ModuleInput] = {
            "s3_bucket_name": self._of("log_bucket", "bucket_name"),
            "s3_key_prefix": self._of("log_bucket", "key_prefix"),
            "log_group_name": self._of("log_group", "name"),
            "kms_key_arn": self._of("session_keys", "session_key_arn"),
            FromOwner.RUN_AS_USER.value: self._variable(run_as_variable(prefix), variables),
        }
        if self.thresholds.idle_minutes_max < IDLE_MINUTES:
            inputs["idle_session_timeout_minutes"] = self.thresholds.idle_minutes_max
        if self.thresholds.duration_minutes_max < LONGEST_MINUTES:
            inputs["max_session_duration_minutes"] = self.thresholds.duration_minutes_max
        note = "Sets the preferences of the Region last. From then on, no session starts unless it is recorded."
        if self.off:
            inputs |= {each.switch.argument: None if each.switch is CHANNEL else False for each in self.off}
            note = (
                "Sets the preferences of the Region last. Settings that wait for permissions stay off, so sessions "
                "start without them."
            )
        made = self._call("session_preferences", inputs, self._rules(Part.PREFERENCES), note)
        held = {each.rule for each in self.off}
        return replace(made, closes=tuple(each for each in made.closes if each not in held))

    def _of(self, module: str, output: str) -> ModuleInput:
        given = self.given.get(f"{module}.{output}")
        return given if given is not None else FromExpression(f"module.{label(module, into=self.into)}.{output}")

    def _rules(self, *parts: Part) -> frozenset[str]:
        return frozenset[str]().union(*(self.triggers.get(part, frozenset[str]()) for part in parts))

    def _call(self, module: str, inputs: Mapping[str, ModuleInput], triggers: Iterable[str], note: str) -> ModuleCall:
        """Make a call. It closes what asked for it; new preferences close what AWS's defaults lack as well."""
        more = IN_NEW_PREFERENCES if module == "session_preferences" else ()
        closes = tuple(dict.fromkeys((*sorted(triggers), *more)))
        return ModuleCall(
            label=label(module, into=self.into),
            module=module.replace("_", "-"),
            inputs=inputs,
            closes=closes,
            note=note,
        )


_TERRAFORM = ">= 1.5"
_AWS_BOUNDS = re.compile(r">=\s*(?P<least>[0-9.]+),\s*<\s*(?P<below>[0-9.]+)")


@dataclass(frozen=True, slots=True)
class Requirements:
    """Version constraints as Terraform writes them."""

    terraform: str
    aws: str


def requirements(files: Sequence[ast.SourceFile]) -> Requirements:
    """Return the highest lower bound of the AWS provider among the modules' `versions.tf`, below the common 7.0."""
    bounds = [_AWS_BOUNDS.fullmatch(text) for file in files for text in _aws_versions(file.body)]
    least = max((_numbers(found["least"]) for found in bounds if found), default=(5, 0))
    return Requirements(_TERRAFORM, f">= {'.'.join(map(str, least))}, < 7.0")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _aws_versions(body: ast.Body) -> list[str]:
    found: list[str] = []
    for block in body.blocks:
        found += _aws_versions(block.body)
        for attribute in block.body.attributes:
            if block.type == "required_providers" and attribute.name == "aws":
                found += _version_of(attribute.value)
    return found


def _version_of(value: ast.Expr) -> list[str]:
    if not isinstance(value, ast.ObjectExpr):
        return []
    return [
        item.value.value
        for item in value.items
        if isinstance(item.key, ast.Literal)
        and item.key.value == "version"
        and isinstance(item.value, ast.Literal)
        and isinstance(item.value.value, str)
    ]
