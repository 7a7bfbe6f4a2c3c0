"""`ssm-harden rules` and `ssm-harden explain`: the catalogue."""

import sys
from typing import Annotated

import typer

from ssm_hardening.cli import options
from ssm_hardening.cli.options import Format


def rules(standard: options.StandardOption = "baseline", output: options.FormatOption = Format.TABLE) -> None:
    """List the rules, with a standard's severities."""
    from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run
    from ssm_hardening.report.rules_list import render_rules, rules_document  # noqa: PLC0415 - as above
    from ssm_hardening.report.style import style_for  # noqa: PLC0415 - as above
    from ssm_hardening.rules.catalogue import load_rules  # noqa: PLC0415 - as above
    from ssm_hardening.standards import load_standard  # noqa: PLC0415 - as above

    infos = [rule.info for rule in load_rules()]
    chosen = load_standard(standard)
    if output is Format.JSON:
        import json  # noqa: PLC0415 - one format a run

        out.report(json.dumps(rules_document(infos, chosen), indent=2))
    else:
        out.report(render_rules(infos, chosen, style=style_for(sys.stdout)))


def explain(rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule's id, such as PREF-03.")]) -> None:
    """Explain one rule.

    What it checks, why it matters, how to fix it, and when it cannot tell.
    """
    from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run
    from ssm_hardening.report.explain import render_rule  # noqa: PLC0415 - as above
    from ssm_hardening.report.style import style_for  # noqa: PLC0415 - as above
    from ssm_hardening.rules.catalogue import load_rule  # noqa: PLC0415 - as above
    from ssm_hardening.standards import BUILT_IN  # noqa: PLC0415 - as above

    out.report(render_rule(load_rule(rule.upper()).info, tuple(BUILT_IN.values()), style=style_for(sys.stdout)))
