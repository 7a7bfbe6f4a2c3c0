"""What to know before a remediation is applied: checks, what could lock people out, questions, costs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.model import Account, Fact, Instance, SessionDocument
from ssm_hardening.remediation.cases import Effect, there
from ssm_hardening.remediation.changes import Part, Phase, is_preferences, known_text
from ssm_hardening.remediation.plan import CostItem, ManualStep, ModuleCall
from ssm_hardening.remediation.remedies import effect_of

TITLES = {
    Phase.KEYS: "Keys",
    Phase.STORES: "Log stores",
    Phase.RIGHTS: "Rights of nodes and operators, added",
    Phase.ENDPOINTS: "Endpoints",
    Phase.AGENT: "Agents",
    Phase.RUN_AS: "Run As users",
    Phase.PREFERENCES: "Preferences",
    Phase.CANARY: "Canary",
    Phase.RESTRICTIONS: "Restrictions",
    Phase.DENIES: "Denies",
}

_KEY_FORMULA = "1 USD a month for each key, plus 0.03 USD for 10,000 requests"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a remediation touches: the settings it writes (`s3EncryptionEnabled`), the parts it makes, what else."""

    settings: frozenset[str]
    parts: frozenset[Part]
    effects: frozenset[Effect | None]
    first_policies: tuple[str, ...] = ()
    """Addresses of keys that get their first policy in code."""
    off: frozenset[str] = frozenset()
    """Settings that the new document leaves off."""

    def writes(self, setting: str) -> bool:
        """Say whether the setting is written, in an edit or by the new document."""
        return setting in self.settings or (Part.PREFERENCES in self.parts and setting not in self.off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The settings and parts that change, the calls that are made, the steps by hand, and what the accounts hold."""

    picture: Picture
    calls: Sequence[ModuleCall]
    steps: Sequence[ManualStep]
    accounts: Sequence[Account]

    def call(self, module: str) -> list[ModuleCall]:
        """Return the calls of a module."""
        return [each for each in self.calls if each.module == module]

    def by_hand(self, *effects: Effect) -> bool:
        """Say whether a step by hand closes a rule with one of these effects."""
        return any(effect_of(rule) in effects for each in self.steps for rule in each.closes)


def checks(phase: Phase, picture: Picture) -> tuple[str, ...]:
    """Return what must hold before the stage starts."""
    match phase:
        case Phase.KEYS:
            return tuple(_before_keys(picture))
        case Phase.STORES:
            return tuple(_before_stores(picture))
        case Phase.PREFERENCES:
            return tuple(_before_preferences(picture))
        case Phase.CANARY:
            return ("every stage before is applied, in one Region and with one tagged node first",)
        case Phase.RIGHTS:
            return ("the roles that are named here exist, and the plan only attaches: nothing is taken away yet",)
        case Phase.ENDPOINTS:
            return (
                "the VPC has DNS support and DNS hostnames on, and whoever else resolves these names there was asked",
            )
        case Phase.AGENT:
            return ("one node of each image and platform was updated first, and came back online",)
        case Phase.RUN_AS:
            return ("the user is made in images and on running nodes, unprivileged, before any document names it",)
        case Phase.RESTRICTIONS | Phase.DENIES:
            return (
                "the canary of the stage before passed: a recorded session starts, for one operator and one node",
                "canary_passed is set to true only now (Terraform), and a second way in was tried today",
            )


def before_imports(number: int) -> str:
    """Return what the first plan of a stage that takes over what exists must show."""
    return (
        f"the plan shows {number} to import, changes only where a gap is named here, and destroys or replaces nothing "
        "(force_destroy and skip_destroy are Terraform's own notes)"
    )


def _before_keys(picture: Picture) -> Iterable[str]:
    if picture.parts & {Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY}:
        yield "every role named in the variables exists: KMS refuses a policy that names one that does not"
    for address in picture.first_policies:
        yield (
            f"the policy that {address} has today holds no statement but that of the account root: the plan shows it "
            "whole, and whatever else it holds is to be carried over"
        )


def _before_stores(picture: Picture) -> Iterable[str]:
    if picture.parts & {Part.BUCKET_KEY, Part.LOGS_KEY}:
        yield "the keys of stage 1 exist and are enabled"
    if Effect.GROUP_KEY in picture.effects:
        yield "the key's policy lets CloudWatch Logs use it for this log group, or the group's change is refused"
    if Effect.TRANSPORT in picture.effects:
        yield "no client reads or writes the bucket over plain HTTP or TLS below 1.2: it will be denied"


def _before_preferences(picture: Picture) -> Iterable[str]:
    yield "the stores exist, and a second plan of the stages before is empty"
    if picture.writes("s3BucketName") or picture.writes("s3EncryptionEnabled"):
        yield (
            "node roles need s3:PutObject and s3:PutObjectAcl under the log prefix, s3:GetEncryptionConfiguration on "
            "the bucket, and kms:GenerateDataKey and kms:Decrypt on its key"
        )
    if picture.writes("cloudWatchLogGroupName") or picture.writes("cloudWatchEncryptionEnabled"):
        yield (
            "node roles need logs:CreateLogStream, logs:PutLogEvents and logs:DescribeLogStreams on the log group, and "
            "logs:DescribeLogGroups on *; the log group has a customer key"
        )
    if picture.writes("kmsKeyId"):
        yield "node roles need kms:Decrypt and operators kms:GenerateDataKey on the session key"
    if picture.writes("runAsEnabled") or picture.writes("runAsDefaultUser"):
        yield "the Run As user exists on every Linux and macOS node, with a uid and a primary gid above 0"
    yield "nodes in closed subnets reach the services in use (s3, logs, kms), through endpoints or otherwise"
    yield "another way in was tried today: a fail-closed document opens no shell while a store or key is down"


_MAY_REFUSE = (
    "s3BucketName",
    "s3EncryptionEnabled",
    "cloudWatchLogGroupName",
    "cloudWatchEncryptionEnabled",
    "kmsKeyId",
)
"""Settings by which sessions come to depend on a store or a key."""


def questions(picture: Picture, *, asks_owner: bool, has_own_root: bool) -> tuple[str, ...]:
    """Return what only a person can answer. `has_own_root`: modules are called in a root module that is generated."""
    found: list[str] = []
    if asks_owner:
        found.append("Who owns the preferences of this Region: other code, the console, a landing zone, or nobody yet?")
    if picture.parts & {Part.BUCKET, Part.GROUP} or Effect.RETENTION in picture.effects:
        found.append("How long must recordings be kept, and is any of them under legal hold?")
    if picture.writes("runAsDefaultUser") or picture.writes("runAsEnabled"):
        found.append("Does the Run As user exist in every image and autoscaling group, and on nodes that run today?")
    if picture.writes("maxSessionDuration") or picture.writes("idleSessionTimeout"):
        found.append("Does anybody run jobs in a session that last longer than the new limits?")
    if any(picture.writes(setting) for setting in _MAY_REFUSE):
        found.append("Which break-glass route was tested, and when, for the day a log store or key is down?")
    if has_own_root:
        found.append("Where does the state of this Terraform live, and who may apply it?")
    return tuple(found)


def role_questions(calls: Iterable[tuple[Phase, ModuleCall]]) -> Iterator[str]:
    """Yield the question that a list of today's node roles leaves open: a node that it lacks opens no session."""
    for _, call in calls:
        roles = call.inputs.get("node_role_arns")
        if isinstance(roles, list):
            names = ", ".join(arn.rpartition("/")[2] for arn in roles)
            yield f"Will nodes run with other roles than {names} (autoscaling groups, launch templates, other Regions)?"
            return


def costs(parts: frozenset[Part]) -> tuple[CostItem, ...]:
    """Return what the new parts cost."""
    keys = sum(part in parts for part in (Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY))
    found = [CostItem(what=f"KMS keys: {keys}", monthly_usd=float(keys), formula=_KEY_FORMULA)] if keys else []
    if Part.BUCKET in parts:
        formula = "GB recorded a month * months kept * 0.023 USD, up to twice that while deleted versions are kept"
        found.append(CostItem(what="S3 storage of recordings", monthly_usd=None, formula=formula))
    if Part.GROUP in parts:
        formula = "GB taken in a month * 0.50 USD + GB kept * 0.03 USD a month"
        found.append(CostItem(what="CloudWatch Logs", monthly_usd=None, formula=formula))
    return tuple(found)


def restrict() -> ManualStep:
    """Return the step that switches the restrictions on."""
    return ManualStep(
        what=(
            "set canary_passed = true in terraform.tfvars, read the plan (it swaps policies and attaches denies, and "
            "destroys no role), apply it, and try the canary again; setting it back takes the restrictions back"
        ),
        why="nothing is taken away before somebody has seen that what is left suffices",
        at="the generated root",
        closes=(),
    )


def canary() -> ManualStep:
    """Return the last step: what a person tries on a real node."""
    return ManualStep(
        what=(
            "start a session on one tagged node, type a marker, find it in the log group while the session runs and in "
            "the bucket once it has ended, and end the session"
        ),
        why="code and simulation prove Terraform's mechanics, not the agent's, KMS's or IAM's enforcement",
        at="a node of your choice",
        closes=(),
    )


_SHOWN = 5


def preferences(account: Account) -> SessionDocument | None:
    """Return the preferences of the account, where they are known."""
    return next((each for each in account.session_documents if is_preferences(each)), None)


def unix_nodes(account: Account) -> list[Instance]:
    """Return the nodes on which Run As works, those included whose platform is not known."""
    return [each for each in there(account.instances) if known_text(each.platform) != "Windows"]


def calls_for_roles(calls: Sequence[ModuleCall]) -> str:
    """Return the calls that give rights to roles, with the roles where code does not refer to them."""
    roles = ((each.label, each.inputs.get("role_name")) for each in calls)
    return ", ".join(
        f"module.{label} ({role})" if isinstance(role, str) else f"module.{label}" for label, role in roles
    )


def named(facts: Sequence[Fact]) -> str:
    """Return the names of objects as a person would list them."""
    return shown([known_text(each.name) or each.address for each in facts])


def shown(names: Sequence[str]) -> str:
    """Return names as a list that stays short."""
    first = ", ".join(dict.fromkeys(names[:_SHOWN]))
    return f"{first} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else first
