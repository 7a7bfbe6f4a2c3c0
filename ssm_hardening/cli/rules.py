"""`ssm-harden rules` and `ssm-harden explain`: the catalogue."""

from typing import Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import TABLE, Option
from ssm_hardening.report.formats import POWERS, RULES, Catalogue


def rules(
    standard: options.StandardOption = "baseline",
    output: Annotated[str, options.format_option(RULES.words, "Print the list in this format.")] = TABLE,
    files: options.Outputs = None,
    powers: Annotated[
        bool, Option("--powers", help="List the permissions that rules ask for, with their sources, instead of rules.")
    ] = False,
) -> None:
    """List the rules with the severities of a standard."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.rules.catalogue import load_rules, rule_ids
    from ssm_hardening.verdicts.standards import load_standard

    if powers:
        from ssm_hardening.iam.powers import all_powers

        out.show(POWERS, output, all_powers(), out.destinations(POWERS, files, output))
        return
    also = out.destinations(RULES, files, output)
    chosen = load_standard(standard, known=rule_ids())
    out.show(RULES, output, Catalogue([rule.info for rule in load_rules()], chosen), also)


def explain(
    rule: Annotated[str, Option(metavar="RULE", help="The ID of a rule, such as PREF-03.", names="rules")],
) -> None:
    """Explain one rule: what it checks, why it matters, how to fix it, and when it is undecided."""
    from ssm_hardening.cli import output as out
    from ssm_hardening.report.rules import render_rule
    from ssm_hardening.rules.catalogue import load_rule
    from ssm_hardening.verdicts.standards import BUILT_IN

    out.report(render_rule(load_rule(rule.upper()).info, tuple(BUILT_IN.values()), style=out.style()))
