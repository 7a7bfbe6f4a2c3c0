"""What to know before a remediation is applied: checks, what could lock people out, questions, costs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ssm_hardening.core.memory import Memory
from ssm_hardening.model import Account, Fact, Instance, SessionDocument
from ssm_hardening.remediation.cases import Effect, there
from ssm_hardening.remediation.changes import Part, Phase, is_preferences, known_text
from ssm_hardening.remediation.plan import CostItem, ManualStep, ModuleCall
from ssm_hardening.remediation.remedies import effect_of

TITLES = {
    Phase.KEYS: "Keys",
    Phase.STORES: "Log stores",
    Phase.RIGHTS: "Node and operator permissions (additions only)",
    Phase.ENDPOINTS: "Endpoints",
    Phase.AGENT: "Agents",
    Phase.RUN_AS: "Run As users",
    Phase.PREFERENCES: "Preferences",
    Phase.CANARY: "Canary",
    Phase.RESTRICTIONS: "Restrictions",
    Phase.DENIES: "Denies",
}

_KEY_FORMULA = "1 USD per key and month, plus 0.03 USD per 10,000 requests"


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
        return not _effects_by_hand(self.steps).isdisjoint(effects)


def _effects_of(steps: Sequence[ManualStep]) -> frozenset[Effect | None]:
    return frozenset(effect_of(rule) for each in steps for rule in each.closes)


_effects_by_hand: Memory[[Sequence[ManualStep]], frozenset[Effect | None]] = Memory(_effects_of, most=4)


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
            return ("Every earlier stage is applied, in one Region and with one tagged node to begin with.",)
        case Phase.RIGHTS:
            return ("The roles named here exist, and the plan only attaches policies. It detaches none yet.",)
        case Phase.ENDPOINTS:
            return (
                (
                    "DNS support and DNS hostnames are on in the VPC, and other users of these DNS names have been "
                    "asked."
                ),
            )
        case Phase.AGENT:
            return ("One node of each image and platform was updated as a trial and came back online.",)
        case Phase.RUN_AS:
            return (
                "The user exists in images and on running nodes, without privileges, before any document names it.",
            )
        case Phase.RESTRICTIONS | Phase.DENIES:
            return (
                "The canary test of the earlier stage passed: one operator started a recorded session on one node.",
                "The variable canary_passed, if present, is set to true only now. A second way in was tested today.",
            )


def before_imports(number: int) -> str:
    """Return what the first plan of a stage that takes over what exists must show."""
    return (
        f"The plan shows {number} to import and changes only what a finding names here. It destroys or replaces "
        "nothing. Changes of force_destroy and skip_destroy affect only the Terraform state."
    )


def _before_keys(picture: Picture) -> Iterable[str]:
    if picture.parts & {Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY}:
        yield "Every role named in the variables exists. KMS rejects a key policy that names a missing principal."
    for address in picture.first_policies:
        yield (
            f"The current policy of {address} contains only the statement for the account root. Compare it with the "
            "plan, which shows the whole policy, and carry over any other statement."
        )


def _before_stores(picture: Picture) -> Iterable[str]:
    if picture.parts & {Part.BUCKET_KEY, Part.LOGS_KEY}:
        yield "The keys of the earlier stage exist and are enabled."
    if Effect.GROUP_KEY in picture.effects:
        yield (
            "The key policy allows CloudWatch Logs to use the key for this log group; otherwise CloudWatch Logs "
            "rejects the change."
        )
    if Effect.TRANSPORT in picture.effects:
        yield "No client uses the bucket over plain HTTP or TLS below 1.2, because such requests will be denied."


def _before_preferences(picture: Picture) -> Iterable[str]:
    yield "The stores exist, and a second plan of the earlier stages shows no changes."
    if picture.writes("s3BucketName") or picture.writes("s3EncryptionEnabled"):
        yield (
            "Node roles have s3:PutObject under the log prefix (and s3:PutObjectAcl, if the bucket belongs to another "
            "account), s3:GetEncryptionConfiguration on the bucket, and kms:GenerateDataKey and kms:Decrypt on its key."
        )
    if picture.writes("cloudWatchLogGroupName") or picture.writes("cloudWatchEncryptionEnabled"):
        yield (
            "Node roles have logs:CreateLogStream, logs:PutLogEvents, and logs:DescribeLogStreams on the log group, "
            "and logs:DescribeLogGroups on *. The log group uses a customer managed key."
        )
    if picture.writes("kmsKeyId"):
        yield "Node roles have kms:Decrypt and operators have kms:GenerateDataKey on the session key."
    if picture.writes("runAsEnabled") or picture.writes("runAsDefaultUser"):
        yield "The Run As user exists on every Linux and macOS node, with a UID and a primary GID above 0."
    yield "Nodes in private subnets reach the required services (s3, logs, kms) through endpoints or another route."
    yield (
        "Another way in was tested today. With fail-closed settings, no session starts while a store or key is "
        "unavailable."
    )


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
        found.append(
            "Who manages the preferences of this Region: other code, the console, a landing zone, or nobody yet?"
        )
    if picture.parts & {Part.BUCKET, Part.GROUP} or Effect.RETENTION in picture.effects:
        found.append("How long must recordings be kept, and are any under legal hold?")
    if picture.writes("runAsDefaultUser") or picture.writes("runAsEnabled"):
        found.append("Does the Run As user exist in every image and Auto Scaling group, and on running nodes?")
    if picture.writes("maxSessionDuration") or picture.writes("idleSessionTimeout"):
        found.append("Does anyone run jobs in a session that last longer than the new limits?")
    if any(picture.writes(setting) for setting in _MAY_REFUSE):
        found.append(
            "Which break-glass route works while a log store or key is unavailable, and when was it last tested?"
        )
    if has_own_root:
        found.append("Where is the Terraform state stored, and who may apply it?")
    return tuple(found)


def role_questions(calls: Iterable[tuple[Phase, ModuleCall]]) -> Iterator[str]:
    """Yield the question that a list of today's node roles leaves open: a node that it lacks opens no session."""
    for _, call in calls:
        roles = call.inputs.get("node_role_arns")
        if isinstance(roles, list):
            names = ", ".join(arn.rpartition("/")[2] for arn in roles)
            yield (
                f"Will nodes run with roles other than {names} (Auto Scaling groups, launch templates, other Regions)?"
            )
            return


def costs(parts: frozenset[Part]) -> tuple[CostItem, ...]:
    """Return what the new parts cost."""
    keys = sum(part in parts for part in (Part.SESSION_KEY, Part.BUCKET_KEY, Part.LOGS_KEY))
    found = [CostItem(what=f"KMS keys: {keys}", monthly_usd=float(keys), formula=_KEY_FORMULA)] if keys else []
    if Part.BUCKET in parts:
        formula = "GB recorded per month * months kept * 0.023 USD, or up to twice that while deleted versions are kept"
        found.append(CostItem(what="S3 storage of recordings", monthly_usd=None, formula=formula))
    if Part.GROUP in parts:
        formula = "GB ingested per month * 0.50 USD + GB stored * 0.03 USD per month"
        found.append(CostItem(what="CloudWatch Logs", monthly_usd=None, formula=formula))
    return tuple(found)


def restrict() -> ManualStep:
    """Return the step that switches the restrictions on."""
    return ManualStep(
        what=(
            "set canary_passed = true in terraform.tfvars, review the plan (it replaces policies and attaches Deny "
            "statements, and destroys no role), apply it, and repeat the canary test; to undo the restrictions, set "
            "it back to false"
        ),
        why="permissions are removed only after someone has seen that the remaining ones are enough",
        at="the generated root module",
        closes=(),
    )


def canary() -> ManualStep:
    """Return the last step: what a person tries on a real node."""
    return ManualStep(
        what=(
            "start a session on one tagged node, type a marker, find it in the log group while the session runs and "
            "in the bucket after it ends, and end the session"
        ),
        why="code and simulation test the mechanics of Terraform, not enforcement by the agent, KMS, or IAM",
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
