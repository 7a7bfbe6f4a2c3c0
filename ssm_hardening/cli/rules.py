"""`ssm-harden rules` and `ssm-harden explain`: the catalogue. They answer at once, without Typer (see cli/quick.py)."""

import argparse
import sys
from collections.abc import Sequence


def rules(arguments: Sequence[str]) -> int:
    """List the rules, with a standard's severities."""
    parser = argparse.ArgumentParser(
        prog="ssm-harden rules", description="List the rules, with a standard's severities."
    )
    parser.add_argument(
        "--standard", default="baseline", metavar="NAME|FILE", help="baseline, strict, transcript-only, or a TOML file"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table", help="how to print the list")
    options = parser.parse_args(arguments)
    from ssm_hardening.cli import output as out
    from ssm_hardening.report.rules_list import render_rules, rules_document
    from ssm_hardening.report.style import style_for
    from ssm_hardening.rules.catalogue import load_rules, rule_ids
    from ssm_hardening.verdicts.standards import load_standard

    standard = load_standard(options.standard, known=rule_ids())
    infos = [rule.info for rule in load_rules()]
    if options.format == "json":
        import json

        out.report(json.dumps(rules_document(infos, standard), indent=2))
    else:
        out.report(render_rules(infos, standard, style=style_for(sys.stdout)))
    return 0


def explain(arguments: Sequence[str]) -> int:
    """Explain one rule: what it checks, why it matters, how to fix it, and when it cannot tell."""
    parser = argparse.ArgumentParser(
        prog="ssm-harden explain",
        description="Explain one rule: what it checks, why it matters, how to fix it, and when it cannot tell.",
    )
    parser.add_argument("rule", metavar="RULE", help="a rule's id, such as PREF-03")
    options = parser.parse_args(arguments)
    from ssm_hardening.cli import output as out
    from ssm_hardening.report.explain import render_rule
    from ssm_hardening.report.style import style_for
    from ssm_hardening.rules.catalogue import load_rule
    from ssm_hardening.verdicts.standards import BUILT_IN

    info = load_rule(options.rule.upper()).info
    out.report(render_rule(info, tuple(BUILT_IN.values()), style=style_for(sys.stdout)))
    return 0
