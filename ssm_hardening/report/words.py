"""The words of the reports for people: headings, tones, counts, and how to supply what was missing."""

import re
from collections.abc import Callable, Iterable, Mapping

from ssm_hardening.core.errors import counted
from ssm_hardening.core.values import Unknown, Why
from ssm_hardening.iam.examples import ANYBODY
from ssm_hardening.iam.requests import Asked, Counterexample
from ssm_hardening.report.style import Tone, clean, clipped
from ssm_hardening.report.verdicts import ACCOUNT
from ssm_hardening.verdicts.findings import Question, Requirement, Severity

HEADINGS: Mapping[Question, str] = {
    Question.CONTEXT: "Security context and privileges",
    Question.AUDIT: "Auditing and logging",
    Question.ACCESS: "Network, ports, and IAM",
}

TITLES: Mapping[Requirement, str] = {
    Requirement.SECURE_ACCESS: "Secure access",
    Requirement.ACCESS_CONTROL: "Access control",
    Requirement.AUDITING: "Auditing",
    Requirement.CROSS_PLATFORM: "Cross-platform",
}

TONES: Mapping[Severity, tuple[Tone, ...]] = {
    Severity.CRITICAL: (Tone.ALARM,),
    Severity.HIGH: (Tone.BOLD, Tone.RED),
    Severity.MEDIUM: (Tone.YELLOW,),
    Severity.LOW: (Tone.BLUE,),
}

REASONS: Mapping[Why, str] = {
    Why.UNRESOLVED_INPUT: "An input without a value",
    Why.COMPUTED: "Known only after apply",
    Why.DENIED: "Access denied by AWS",
    Why.UNAVAILABLE: "No complete response from AWS",
    Why.UNPARSEABLE: "Not readable",
    Why.UNSUPPORTED: "An expression that is not evaluated",
    Why.OUT_OF_SCOPE: "Outside what was read",
}

_SUPPLY: Mapping[Why, str] = {
    Why.UNRESOLVED_INPUT: "pass a value with --var NAME=VALUE or --var-file FILE",
    Why.COMPUTED: "set the value in the code, or check again after the apply",
    Why.DENIED: "allow this API call for the auditing role (docs/permissions.md)",
    Why.UNAVAILABLE: "run the command again later, or leave out a Region that is not enabled",
    Why.UNPARSEABLE: "fix the file: nothing in it was evaluated",
    Why.UNSUPPORTED: "use a literal value, or a variable that you pass with --var NAME=VALUE",
    Why.OUT_OF_SCOPE: "declare it here, or add the PATH that does; remote modules are read after `terraform init`",
}

_TELLING = 8
"""Less than so much of a name says nothing."""

_VARIABLE = re.compile(r"\bvar\.(\w+)")


def how_to_resolve(gap: Unknown) -> str:
    """Return what a person can do about something that could not be learned."""
    named = _VARIABLE.search(gap.detail)
    if gap.why is Why.UNRESOLVED_INPUT and "terraform.workspace" in gap.detail:
        return "pass it with --workspace NAME"
    if gap.why is Why.UNRESOLVED_INPUT and named:
        return f"pass it with --var {named[1]}=… or --var-file FILE"
    return _SUPPLY[gap.why]


def times(count: int) -> str:
    """Return how often, where it is more than once."""
    return f"×{count}" if count > 1 else ""  # noqa: RUF001 - the sign itself


def listed(names: Iterable[str], *, most: int = 8) -> str:
    """Return the names separated by commas, those beyond `most` as a number."""
    known = list(names)
    if len(known) <= most:
        return ", ".join(known)
    return f"{', '.join(known[:most])} and {len(known) - most} more"


def fitting(names: Iterable[str], width: int, clip: Callable[[str, int], str] = clipped) -> str:
    """Return the names that there is room for, cleaned, and how many more there are; `clip` shortens a first one."""
    known = [clean(name) for name in names]
    for most in range(len(known), 0, -1):
        text = listed(known[:most], most=most) + (f" and {len(known) - most} more" if most < len(known) else "")
        if len(text) <= width:
            return text
    more = f" and {len(known) - 1} more" if len(known) > 1 else ""
    if not known:
        return ""
    if more and width - len(more) < _TELLING:
        return clipped(f"{len(known)} in all", width)
    return clip(known[0], width - len(more)) + more


def within(place: str, root: str) -> str:
    """Return a place as seen from the root module's folder, where it lies in there."""
    return place.removeprefix(f"{root.rstrip('/')}/") if root not in {"", "."} else place


def first_sentence(text: str) -> str:
    """Return the first sentence of the first paragraph."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s+(?=[A-Z`\"])", paragraph, maxsplit=1)[0]


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a docstring, each on one line."""
    return [" ".join(part.split()) for part in text.strip().split("\n\n") if part.strip()]


_ARN = re.compile(r"arn:[^:]*:([^:]*):[^:]*:[^:]*:(.*)", re.DOTALL)
_ADDRESS = re.compile(r"((?:module\..*?\.)?)(?:data\.)?aws_(\w+?)\.(.*)", re.DOTALL)
_PEOPLE = {"iam_role": "role", "iam_user": "user", "iam_group": "group", "iam_policy": "policy"}


def named(subject: str) -> str:
    """Return the name of a subject as people say it; nothing where it is the account as a whole."""
    if subject == ACCOUNT:
        return ""
    if address := _ADDRESS.fullmatch(subject):
        modules, kind, name = address.groups()
        within_modules = f"{modules.removeprefix('module.').replace('.module.', '.')}{name}"
        return f"{_PEOPLE[kind]} {within_modules}" if kind in _PEOPLE else within_modules
    arn = _ARN.fullmatch(subject)
    if arn is None:
        return subject
    service, resource = arn.groups()
    kind, _, name = resource.partition("/")
    last = name.rpartition("/")[2]
    return f"{kind} {last}" if service == "iam" and last else last or resource.rpartition(":")[2]


def example_text(example: Counterexample) -> str:
    """Return a request that is allowed in a sentence."""
    who = "anybody" if example.principal == ANYBODY else named(example.principal)
    found = _ARN_ACCOUNT.match(example.principal)
    of = f" of account {found[1]}" if found and found[1] not in example.resource else ""
    requests = (_request_text(each) for each in (example, *example.also))
    return f"{who}{of} may {', and '.join(requests)}"


_ARN_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts)::(\d+):")
"""The account of a principal, which a request on something of the same account need not repeat."""


def _request_text(example: Counterexample) -> str:
    context = context_text(example.context)
    return f"{example.action} on {example.resource}{f', with {context}' if context else ''}"


def context_text(context: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """Return the condition keys of a request; of one that it lacks, that there is none."""
    return "; ".join(f"{key} = {', '.join(values)}" if values else f"no {key}" for key, values in context)


_MOST_KINDS = 6


def asked_text(asked: Asked) -> str:
    """Return in brief what was asked of policies."""
    actions = asked.actions[0] if len(asked.actions) == 1 else counted(len(asked.actions), "action")
    requests = counted(asked.requests, "request")
    return f"{requests}: {actions} on {listed(asked.resources, most=_MOST_KINDS)}"
