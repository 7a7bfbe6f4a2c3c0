"""What the bytes of a folder say of Session Manager: words that are about it, and what may concern it.

Two questions. A *sign* is a word of Session Manager itself: its root is read, and shown. What *may concern* sessions is
read by `plan`, and shown where the facts bear it out (`read.facts.relevance`): a resource that makes a node, grants
something to somebody, or holds other resources (a carrier), together with a text that may make it one of ours (a hint).
The text may stand elsewhere than the carrier: in another module, a file of values, or a file that code reads.
"""

import re
from enum import Flag, auto
from fnmatch import fnmatchcase
from functools import cache, lru_cache

from ssm_hardening.iam.powers import session_actions
from ssm_hardening.read.graph import SIGN

STORES = (
    b"aws_ssm_document",
    b"aws_s3_bucket",
    b"aws_s3_account_",
    b"aws_s3_access_point",
    b"aws_cloudwatch_log_",
    b"aws_kms_",
    b"aws_cloudformation_",
    b"awscc_",
)
"""Words without which a module holds none of the resources that become facts of documents, stores, and keys."""


class Marks(Flag):
    """What was found in the bytes of a folder."""

    NONE = 0
    SIGN = auto()
    STORE = auto()
    CARRIER = auto()
    HINT = auto()
    ANY = SIGN | STORE | CARRIER | HINT


_CARRIERS = (
    rb"\bmodule\b|aws_iam_|aws_ssoadmin_|aws_vpc_endpoint|aws_cloudformation_stack|awscc_|iam_instance_profile"
    rb"|aws_eks_node_group"
)
"""Resource types and arguments: Terraform requires that these are spelled out. A module may hold any of them."""

_NODES = rb"iam_instance_profile|aws_eks_node_group|\bec2\.amazonaws\.com|\bssm\.amazonaws\.com"
_PEOPLE = rb"aws_iam_user|aws_iam_group|aws_ssoadmin_|\bAWS\b[\"']?\s*[=:]|[\"']AWS[\"']|Federated"
_POLICIES = (
    rb"administratoraccess|poweruseraccess|systemadministrator|amazonssm|amazonec2roleforssm|awsssm|awssystemsmanager"
)
_STACKED = rb"aws::(?:ssm|iam|autoscaling|ec2::(?:instance|launch))|awscc_(?:ssm|iam|sso|autoscaling|ec2)_"
_ACTION = rb"(?<![:\w-])(ssm|ssmmessages|ssm-guiconnect):([a-z*?]{0,64})([$%a-z*?]?)"
_PIECES = rb"[\"']ssm(?:messages|-guiconnect)?[\"']|\.(?:ssm|ssmmessages|ec2messages)[\"']|(?<!arn)\}:[\w*?]{0,64}[\"']"
"""Parts that expressions put together: `format("%s:*", "ssm")`, `"${each.key}:StartSession"`."""
_NOT_ACTION = rb"not_?actions?\b"
_EVERYTHING = rb"[\"']\*(?::\*)?[\"']"
_KEY = rb"(\w+)[\"']?\s*[=:]\s*(?:\[\s*)?$"
_KEY_LENGTH = 64
_NO_ACTIONS = (
    rb"(?:not_?)?(?:resources?|principals?|identifiers)|aws|allowed_\w+|expose\w*|values?|hosts?|paths?|ref"
    rb"|path_pattern"
)
"""The names of arguments whose `"*"` is no action."""
_ESCAPED_QUOTE = b'\\"'


def marks_of(data: bytes, *, hints: bool) -> Marks:
    """Return what the bytes of a file of code say; with `hints`, also whether they may concern sessions."""
    low = data.lower()
    # Most files are told by these parts of words, several times as fast.
    may_show = b"ssm" in low or b"session" in low
    found = Marks.SIGN if may_show and SIGN.search(data.decode("utf-8", "replace")) else Marks.NONE
    if any(word in data for word in STORES):
        found |= Marks.STORE
    if Marks.SIGN not in found and re.search(_CARRIERS, data):
        found |= Marks.CARRIER
    if Marks.SIGN not in found and hints and may_concern(data):
        found |= Marks.HINT
    return found


def may_concern(data: bytes) -> bool:
    """Say whether a text, wherever it stands, may make a node, be part of a grant on sessions, or name an endpoint."""
    low = data.lower().replace(_ESCAPED_QUOTE, b'"')
    return bool(
        _names_power(low)
        or re.search(_PEOPLE, data)
        or re.search(_PIECES, low)
        or re.search(_NOT_ACTION, low)
        or re.search(_STACKED, low)
        or any(_may_be_action(low, match.start()) for match in re.finditer(_EVERYTHING, low))
    )


def is_handed_power(text: str) -> bool:
    """Say whether the text of a call hands a module that was not read what makes nodes, or grants a power by name."""
    return _names_power(text.encode().lower())


def _names_power(low: bytes) -> bool:
    return bool(
        re.search(_NODES, low)
        or re.search(_verbs(), low)
        or re.search(_POLICIES, low)
        or any(_may_be_power(match) for match in re.finditer(_ACTION, low))
    )


@cache
def _verbs() -> bytes:
    return "|".join(sorted({action.partition(":")[2].lower() for action in session_actions()})).encode()


def _may_be_action(data: bytes, start: int) -> bool:
    """Say whether a `"*"` may be everything that somebody may do: alone, in a list, or in what a function is given."""
    key = re.search(_KEY, data[max(start - _KEY_LENGTH, 0) : start])
    return key is None or not re.fullmatch(_NO_ACTIONS, key[1])


def _may_be_power(match: re.Match[bytes]) -> bool:
    return _covers(f"{match[1].decode()}:{match[2].decode()}{'*' if match[3] else ''}")


@lru_cache(maxsize=512)
def _covers(pattern: str) -> bool:
    return any(fnmatchcase(power.lower(), pattern) for power in session_actions())
