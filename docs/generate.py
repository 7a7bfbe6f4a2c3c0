"""Writes the pages that are made from the code: `make docs`. A test fails where the tree would change.

Rule pages come from a rule's metadata, its docstring and its fixtures; the command line's page and the blocks in the
README from `--help` itself.
"""

import contextlib
import io
import json
import os
import re
from pathlib import Path
from unittest import mock

from docs.account_schema import account_schema
from ssm_hardening.cli.entry import run
from ssm_hardening.core.errors import listed
from ssm_hardening.read.hosts.sending import CALLS, TAG, sender_policy
from ssm_hardening.read.live.calls import STARTING, all_calls, auditor_policy
from ssm_hardening.report.words import HEADINGS, TITLES, paragraphs
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.findings import Confidence, RuleInfo
from ssm_hardening.verdicts.standards import BUILT_IN

TOP = Path(__file__).resolve().parent.parent
COMMANDS = (
    "plan",
    "check",
    "inspect",
    "access",
    "snapshot",
    "host",
    "host script",
    "host run",
    "host read",
    "generate",
    "verify",
    "baseline",
    "baseline create",
    "diff",
    "rules",
    "explain",
    "demo",
    "sandbox",
    "tools",
    "config",
    "config show",
)
_SCREEN = re.compile(r"(<!-- screen -->\n).*?(<!-- /screen -->)", re.DOTALL)
_MODULES = re.compile(r"(  <!-- modules -->\n).*?(  <!-- /modules -->)", re.DOTALL)
_EXPECTATION = re.compile(r"\s*# expect: .*")
_BESIDE = re.compile(r"# beside: (.+)\n\n")


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    infos = [rule.info for rule in load_rules()]
    made = {TOP / "docs" / "rules" / f"{info.id}.md": _rule_page(info) for info in infos}
    made[TOP / "docs" / "rules" / "README.md"] = _rule_index(infos)
    made[TOP / "docs" / "command-line.md"] = _command_line()
    made[TOP / "docs" / "permissions.md"] = _permissions()
    made[TOP / "modules" / "auditor-role" / "policy.json"] = _policy()
    made[TOP / "ssm_hardening" / "schemas" / "account-1.schema.json"] = json.dumps(account_schema(), indent=2) + "\n"
    made[TOP / "README.md"] = _with_modules(_with_screen((TOP / "README.md").read_text(encoding="utf-8")))
    return made


def _rule_page(info: RuleInfo) -> str:
    severities = " · ".join(
        f"{name} {'off' if info.id in standard.off else standard.severity_of(info, None)}"
        for name, standard in BUILT_IN.items()
    )
    needs = ", ".join(TITLES[each] for each in (info.requirement, *info.also))
    certain = info.confidence is Confidence.CERTAIN
    lines = [
        f"# {info.id}: {info.title}",
        "",
        "| | |",
        "|---|---|",
        *([f"| If it fails | {info.headline} |"] if info.headline else []),
        f"| Severity | {severities}{_may(info)} |",
        f"| Report section | {HEADINGS[info.question]} |",
        f"| Requirement | {needs} |",
        f"| Confidence | {'Documented behavior' if certain else 'Reported by users, not documented'} |",
        f"| Fix | {_fix(info)} |",
        "",
    ]
    for paragraph in paragraphs(info.explanation):
        lines += [paragraph, ""]
    for stem, title in (("fail", "Fails"), ("pass", "Passes"), ("unknown", "Undecided")):
        lines += _example(info.id, stem, title)
    return "\n".join(lines).rstrip() + "\n"


def _may(info: RuleInfo) -> str:
    return f" (some failures: {listed(info.may)})" if info.may else ""


def _fix(info: RuleInfo) -> str:
    if info.remedy is None:
        return f"Manual: {info.manual}"
    return f"Edit your code, or use the module [{info.remedy}](../../modules/{info.remedy}/README.md)"


def _example(rule: str, stem: str, title: str) -> list[str]:
    path = TOP / "tests" / "rules" / rule / f"{stem}.tf"
    if not path.is_file():
        return []
    whole = path.read_text(encoding="utf-8")
    text = "\n".join(_EXPECTATION.sub("", line) for line in _BESIDE.sub("", whole, count=1).splitlines())
    return [f"## {title}", "", "```hcl", text.strip("\n"), "```", "", *_beside(whole)]


def _beside(whole: str) -> list[str]:
    """Link the other files that an example needs."""
    found = _BESIDE.match(whole)
    names = found[1].split(", ") if found is not None else []
    links = [f"[{name}](../../tests/rules/beside/{name})" for name in names]
    return [f"The same folder also contains {' and '.join(links)}.", ""] if links else []


def _rule_index(infos: list[RuleInfo]) -> str:
    lines = ["# Rules", "", "| Rule | Title | baseline | strict | Fix |", "|---|---|---|---|---|"]
    for info in infos:
        baseline, strict = (BUILT_IN[name].severity_of(info, None) for name in ("baseline", "strict"))
        fix = info.remedy or "manual"
        lines.append(f"| [{info.id}]({info.id}.md) | {info.title} | {baseline} | {strict} | {fix} |")
    return "\n".join(lines) + "\n"


def _policy() -> str:
    return json.dumps(auditor_policy(), indent=2) + "\n"


def _permissions() -> str:
    """Return the page of the permissions that reading an account needs, made from the table of calls."""
    lines = [
        "# Permissions",
        "",
        "Commands that read a live account (`--live`) need the permissions below. This page is generated from the",
        "table of API calls in `ssm_hardening/read/live/calls.py`. All calls are read-only: they change nothing, send",
        "no command to a node, and read no parameters, CloudWatch log events, or object contents. If a permission",
        "is missing, the affected verdicts are *undecided* and name the call. The module",
        "[auditor-role](../modules/auditor-role/README.md) creates a role with this policy:",
        "",
        "```json",
        _policy().rstrip(),
        "```",
        "",
        f"To audit other accounts, the caller also needs {' and '.join(f'`{each}`' for each in STARTING)}. The",
        "first is needed only with `--organization`, the second on the role in each of these accounts.",
        "",
        "The other calls to AWS Organizations read service and resource control policies. AWS allows them in the",
        "management account and to delegated administrators. If it denies them, no verdict is undecided because of it:",
        "the report says once for each account that control policies were not read.",
        "",
        "| Call | IAM action |",
        "|---|---|",
    ]
    lines += [f"| `{call}` | `{call.action}` |" for call in all_calls()]
    lines += _sending()
    return "\n".join(lines) + "\n"


def _sending() -> list[str]:
    """Return the section of the permissions that the auditor does not have: those to send the probe."""
    lines = [
        "",
        "## Sending the probe into nodes",
        "",
        "`ssm-harden host run` asks for confirmation, and then sends a script to nodes with Run Command. The role of",
        "the auditor does not have the required permissions, and must not get them: anyone who can send",
        "AWS-RunShellScript to a node has root on it. Grant the permissions to a separate role, or run the output of",
        "`ssm-harden host script` through a channel that already exists. The policy allows commands only to nodes that",
        f"have the tag `{TAG}` = `true`. Remove the tag afterwards.",
        "",
        "```json",
        json.dumps(sender_policy(), indent=2),
        "```",
        "",
        "If users other than administrators can set the tag, list the ARNs of the nodes in the policy instead.",
        "",
        "| Call | IAM action |",
        "|---|---|",
    ]
    return [*lines, *(f"| `{call}` | `{call.action}` |" for call in CALLS)]


def _command_line() -> str:
    parts = ["# The command line", "", "This page is generated from `--help`.", ""]
    for command in ("", *COMMANDS):
        parts += [f"## ssm-harden {command}".rstrip(), "", "```text", _help(command).rstrip(), "```", ""]
    return "\n".join(parts).rstrip() + "\n"


def _with_screen(text: str) -> str:
    """Fill in what `plan` prints of code that has gaps."""
    with contextlib.chdir(TOP / "examples"):
        shown = _printed("plan", "careless", codes={1}).replace("careless", "infra")
    return _SCREEN.sub(lambda found: f"{found[1]}```console\n$ ssm-harden plan infra\n{shown}```\n{found[2]}", text)


def _with_modules(text: str) -> str:
    names = sorted(path.name for path in (TOP / "modules").iterdir() if path.is_dir())
    links = "\n".join(f"  [{name}](modules/{name}/README.md)," for name in names).rstrip(",")
    return _MODULES.sub(lambda found: f"{found[1]}{links}\n{found[2]}", text)


def _help(command: str) -> str:
    return _printed(*command.split(), "--help", codes={0})


def _printed(*arguments: str, codes: set[int]) -> str:
    """Return what a command prints. A page has one width, whatever that of the terminal."""
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    width = mock.patch.dict(os.environ, COLUMNS="100", TERMINAL_WIDTH="100", NO_COLOR="1")
    with width, contextlib.redirect_stdout(shown):
        code = run([*arguments])
    if code not in codes:
        raise SystemExit(f"ssm-harden {' '.join(arguments)}: exit code {code}")
    shown.seek(0)
    return shown.read()


def main() -> None:
    """Write what has changed."""
    for path, text in pages().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(TOP)}")


if __name__ == "__main__":
    main()
