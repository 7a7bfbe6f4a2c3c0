"""The table of powers: what each lets its holder do, and which actions it takes; for people, and as JSON."""

import json
import re
from collections.abc import Sequence
from typing import Any

from ssm_hardening.core.errors import counted, listed
from ssm_hardening.iam.powers import ANYTHING, Holder, Need, Power, Use, meaning_of, named_sources
from ssm_hardening.report.style import Style, Tone

SCHEMA = "ssm-harden/powers/1"


_CAPTION = (
    "A power is something that policies let people or nodes do, with the actions that it takes, all of them together. "
    "Rules about people, node roles, recordings, and keys ask for these."
)


def render_powers(powers: Sequence[Power], style: Style) -> str:
    """Return the powers by use: what one can do, the actions that it takes, who gains by it, and the sources."""
    lines = [style.spread(counted(len(powers), "power"), "", indent=0), *style.wrap(_CAPTION, 0, Tone.DIM)]
    for use in Use:
        about = [power for power in powers if power.use is use]
        lines += style.heading(meaning_of(use), counted(len(about), "power")) if about else []
        for power in about:
            lines += _power(power, style)
    lines += style.heading("Sources")
    for name, text in named_sources().items():
        lines += [*style.wrap(name, 2, Tone.BOLD), *style.wrap(text, 4)]
    return style.finish(lines)


def _power(power: Power, style: Style) -> list[str]:
    gains = "" if len(power.raises) == len(Holder) else f"for {listed(sorted(power.raises), 'and')}; "
    return [
        *style.wrap(power.title, 2, Tone.BOLD),
        *style.wrap(", ".join(map(_need, power.needs)), 4),
        *style.wrap(f"{gains}source: {power.source}; read on {power.read_on}", 4, Tone.DIM),
    ]


def _need(need: Need) -> str:
    """Return `iam:PassRole (role, to lambda.amazonaws.com)`."""
    on = [] if need.on == ANYTHING else [_ACRONYMS.sub(lambda word: word[0].upper(), need.on.replace("-", " "))]
    told = [*on, f"to {need.passed_to}"] if need.passed_to else on
    return f"{need.action} ({', '.join(told)})" if told else need.action


_ACRONYMS = re.compile(r"^(?:saml|oidc|eks|ecs|emr)\b")


def render_powers_json(powers: Sequence[Power], _style: Style) -> str:
    """Return the powers as one JSON document."""
    found = {"schema": SCHEMA, "sources": named_sources(), "powers": [_json(power) for power in powers]}
    return json.dumps(found, indent=2)


def _json(power: Power) -> dict[str, Any]:
    return {
        "id": power.id,
        "use": power.use.value,
        "title": power.title,
        "needs": [{"action": need.action, "on": need.on, "passed_to": need.passed_to or None} for need in power.needs],
        "raises": sorted(power.raises),
        "sources": list(power.sources),
        "read_on": power.read_on,
    }
