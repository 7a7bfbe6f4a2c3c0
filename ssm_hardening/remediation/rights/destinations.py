"""Where recordings will go and which keys they need: what the rights of nodes and operators are about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Value
from ssm_hardening.hcl.writing import Expression
from ssm_hardening.iam.requests import partition_of
from ssm_hardening.model import Account, Fact, LogBucket, SessionDocument
from ssm_hardening.model.joins import Found, join
from ssm_hardening.remediation.changes import New, Output, is_preferences, known_text
from ssm_hardening.remediation.plan import FromExpression, FromVariable, ModuleCall, ModuleInput
from ssm_hardening.remediation.wiring import output

F = TypeVar("F", bound=Fact)

Contents = Mapping[str, New]
"""What is written into a session document, by its key in `inputs`."""

_RESOURCE = re.compile(r"aws_\w+\.[\w-]+")
"""The address of a resource of which there is one."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Inputs of module `instance-role`, None where a feature is off or nobody knows.

    `missing` says what could not be told, by the input that lacks it; `unseen` names a bucket that was not read, whose
    key is not known either.
    """

    bucket_arn: ModuleInput = None
    prefix: ModuleInput = None
    bucket_key: ModuleInput = None
    group_arn: ModuleInput = None
    session_key: ModuleInput = None
    missing: Mapping[str, str] = field(default_factory=dict)
    unseen: str = ""

    def inputs(self) -> dict[str, ModuleInput]:
        """Return what is known, by the name of the input."""
        given = {
            "s3_bucket_arn": self.bucket_arn,
            "s3_key_prefix": None if self.bucket_arn is None else self.prefix,
            "bucket_kms_key_arn": self.bucket_key,
            "log_group_arn": self.group_arn,
            "session_kms_key_arn": self.session_key,
        }
        return {name: value for name, value in given.items() if value is not None}

    def stores(self) -> ModuleInput:
        """Return the ARNs of everything that recordings rest on, as one list; None where nothing is known."""
        parts = [self.bucket_arn, self.group_arn, self.bucket_key, self.session_key]
        given = [each for each in parts if isinstance(each, str | FromExpression)]
        return together(given) if given else None

    def lacking(self) -> tuple[str, ...]:
        """Return everything that is not known and that the rights of nodes would be about."""
        unseen = (f"the encryption of the bucket {self.unseen}, which was not read",) if self.unseen else ()
        return (*self.missing.values(), *unseen)


def together(parts: Sequence[str | FromExpression]) -> list[str | Expression]:
    """Return a list of texts and of expressions of ours; the texts stay apart, so that each can still be withheld."""
    return [Expression(each.expression) if isinstance(each, FromExpression) else each for each in parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads destinations off documents and calls. `into` says that the calls stand in the root of the code."""

    account: Account
    calls: Sequence[ModuleCall]
    into: bool

    def preferences(self, written: Mapping[str, Contents]) -> Destinations:
        """Return where the preferences will record: as a call makes them, else as the code names it after the edits.

        `written` maps addresses of documents to what is written into them.
        """
        made = next((each for each in self.calls if is_preferences_call(each)), None)
        if made is not None:
            return self.of_call(made)
        documents = self.account.session_documents
        found = next((each for each in documents if is_preferences(each)), None)
        found = found or next((each for each in documents if each.address in written), None)
        return Destinations() if found is None else self.of_document(found, written.get(found.address, {}))

    def of_document(self, document: SessionDocument, written: Contents) -> Destinations:
        """Return where a document records once this is written into it."""
        prefix = document.s3_key_prefix
        found = Destinations(prefix="" if isinstance(prefix, Absent) else known_text(prefix))
        told = f"{{}} of {document.address}"
        found = self._with_bucket(found, self._value(document.s3_bucket, "s3BucketName", written), told)
        if written.get("s3KeyPrefix") is Output.KEY_PREFIX:
            found = replace(found, prefix=self._output(Output.KEY_PREFIX))
        found = self._with_group(
            found, self._value(document.cloudwatch_log_group, "cloudWatchLogGroupName", written), told
        )
        return self._with_key(found, self._value(document.kms_key, "kmsKeyId", written), told)

    def of_call(self, call: ModuleCall) -> Destinations:
        """Return where a document records that a call of module `session-preferences` makes or takes over."""
        given, told = call.inputs, f"{{}} of module.{call.label}"
        prefix = given.get("s3_key_prefix")
        found = Destinations(prefix="" if prefix is None else prefix)
        found = self._with_bucket(found, self._input(given.get("s3_bucket_name")), told)
        found = self._with_group(found, self._input(given.get("log_group_name")), told)
        return self._with_key(found, self._input(given.get("kms_key_arn")), told)

    def _value(self, value: Value[Text], key: str, written: Contents) -> "Value[Text] | FromExpression | FromVariable":
        new = written.get(key)
        return self._output(new) if isinstance(new, Output) else value

    def _output(self, new: Output) -> FromExpression:
        return FromExpression(output(new, into=self.into))

    def _input(self, given: ModuleInput) -> "Value[Text] | FromExpression | FromVariable":
        at = self.account.at
        match given:
            case FromExpression() | FromVariable():
                return given
            case str() as text if text:
                return Known(text, at)
            case _:
                return Absent(at)

    def _with_bucket(
        self, found: Destinations, named: "Value[Text] | FromExpression | FromVariable", told: str
    ) -> Destinations:
        made = self._maker("log-bucket", named)
        if made is not None:
            return self._with_made(replace(found, bucket_arn=FromExpression(f"module.{made.label}.bucket_arn")), made)
        if isinstance(named, FromExpression | FromVariable):
            return _lacks(found, "s3_bucket_arn", told.format("s3BucketName"))
        if _is_off(named):
            return found
        bucket = _fact(named, self.account.log_buckets)
        name = known_text(named) or (None if bucket is None else known_text(bucket.name))
        place = f"arn:{partition_of(self.account.region)}:s3:::"
        arn = self._reference(bucket) or (None if name is None else f"{place}{name.removeprefix(place)}")
        if arn is None:
            found = _lacks(found, "s3_bucket_arn", told.format("s3BucketName"))
        if bucket is None:
            return replace(found, bucket_arn=arn, unseen=name or "of the preferences")
        return self._with_bucket_key(replace(found, bucket_arn=arn), bucket)

    def _with_made(self, found: Destinations, made: ModuleCall) -> Destinations:
        """Return them with the key of a bucket that a call makes or takes over."""
        given = self._input(made.inputs.get("kms_key_arn"))
        if isinstance(given, FromExpression | FromVariable):
            return replace(found, bucket_key=given)
        if isinstance(given, Absent) or _is_of_aws(given):
            return found
        arn = self._key_arn(given)
        if arn is None:
            return _lacks(found, "bucket_kms_key_arn", f"kms_key_arn of module.{made.label}")
        return replace(found, bucket_key=arn)

    def _with_bucket_key(self, found: Destinations, bucket: LogBucket) -> Destinations:
        """Return them with the key of the bucket; S3's own, and the one that AWS manages, ask for no right."""
        arn = self._key_arn(bucket.kms_key)
        match bucket.encryption, bucket.kms_key:
            case (Absent(), _) | (Known(), Absent()):
                return found
            case Known(str() as text), key if not text.startswith("aws:kms") or _is_of_aws(key):
                return found
            case _:
                pass
        if arn is None:
            return _lacks(found, "bucket_kms_key_arn", f"the key of {bucket.address}")
        return replace(found, bucket_key=arn)

    def _with_group(
        self, found: Destinations, named: "Value[Text] | FromExpression | FromVariable", told: str
    ) -> Destinations:
        made = self._maker("log-group", named)
        if made is not None:
            return replace(found, group_arn=FromExpression(f"module.{made.label}.arn"))
        if not isinstance(named, FromExpression | FromVariable):
            if _is_off(named):
                return found
            group = _fact(named, self.account.log_groups)
            name = known_text(named) or (None if group is None else known_text(group.name))
            arn = self._reference(group) or (None if name is None else self._group_arn(name))
            if arn is not None:
                return replace(found, group_arn=arn)
        return _lacks(found, "log_group_arn", told.format("cloudWatchLogGroupName"))

    def _group_arn(self, name: str) -> str | None:
        if name.startswith("arn:"):
            return name
        number, region = known_text(self.account.account), known_text(self.account.region)
        place = f"arn:{partition_of(self.account.region)}:logs:{region}:{number}:log-group:"
        return None if number is None or region is None else f"{place}{name}"

    def _with_key(
        self, found: Destinations, named: "Value[Text] | FromExpression | FromVariable", told: str
    ) -> Destinations:
        if isinstance(named, FromExpression | FromVariable):
            return replace(found, session_key=named)
        if _is_off(named):
            return found
        arn = self._key_arn(named)
        return (
            _lacks(found, "session_kms_key_arn", told.format("kmsKeyId"))
            if arn is None
            else replace(found, session_key=arn)
        )

    def _maker(self, module: str, named: object) -> ModuleCall | None:
        """Return the call that makes or adopts the store that is named by its output."""
        if not isinstance(named, FromExpression):
            return None
        found = (each for each in self.calls if each.module == module)
        return next((each for each in found if named.expression.startswith(f"module.{each.label}.")), None)

    def _reference(self, fact: Fact | None) -> ModuleInput:
        """Return the ARN of an object of the same root, as its code refers to it."""
        if fact is None or not self.into or not isinstance(fact.origin, CodeOrigin) or fact.origin.module_path:
            return None
        return FromExpression(f"{fact.address}.arn") if _RESOURCE.fullmatch(fact.address) else None

    def _key_arn(self, value: Value[Text]) -> ModuleInput:
        """Return the ARN of a key that is named by its ARN, its id or an alias, or that code refers to."""
        key = _fact(value, self.account.keys)
        if key is not None and key.address.startswith("arn:"):
            return key.address
        text = known_text(value)
        return text if text is not None and ":key/" in text else self._reference(key)


def is_preferences_call(call: ModuleCall) -> bool:
    """Say whether the call makes or takes over the preferences, not a document of another name."""
    return call.module == "session-preferences" and "document_name" not in call.inputs


def _lacks(found: Destinations, name: str, what: str) -> Destinations:
    return replace(found, missing={**found.missing, name: what})


def _is_of_aws(key: Value[Text]) -> bool:
    """Say whether it is the key of S3 that AWS manages: its policy admits whoever may write to the bucket."""
    return (known_text(key) or "").endswith(("aws/s3", "alias/aws/s3"))


def _is_off(value: Value[Text]) -> bool:
    return isinstance(value, Absent) or (isinstance(value, Known) and value.value == "")


def _fact(value: Value[Text], inventory: Inventory[F]) -> F | None:
    joined = join(value, inventory) if isinstance(value, Known) else None
    return joined.fact if isinstance(joined, Found) else None
