"""The answer to one question about access: `ssm-harden access --can`, for people and as `ssm-harden/decision/1`."""

import json
import re
from typing import Any

from ssm_hardening.access.answers import Told
from ssm_hardening.access.question import DecidedQuestion
from ssm_hardening.core.errors import listed
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.analysis import caveat
from ssm_hardening.iam.examples import spelled
from ssm_hardening.read.snapshot import origin_json
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.verdicts import example_json
from ssm_hardening.report.words import context_text, how_to_resolve

SCHEMA = "ssm-harden/decision/1"

WORDS = {Told.YES: "allowed", Told.NO: "denied", Told.UNDECIDED: "undecided"}
_TONES = {Told.YES: Tone.RED, Told.NO: Tone.GREEN, Told.UNDECIDED: Tone.YELLOW}
_SENTENCES = {Told.YES: "{} may {}", Told.NO: "{} may not {}", Told.UNDECIDED: "whether {} may {}"}
_ROOM = 11


def render_answer(answer: DecidedQuestion, style: Style) -> str:
    """Return the answer in a few lines: what decides, and what was not read."""
    asked, word = answer.asked, WORDS[answer.told]
    sentence = _SENTENCES[answer.told].format(answer.title, f"{asked.action} on {asked.resource}")
    lines = style.labelled(word, sentence, 0, _TONES[answer.told], room=_ROOM)
    told = [("because", text) for text in _because(answer)]
    told += [("to resolve", text) for text in _to_resolve(answer)]
    told += [("by", f"{link.what} ({link.at})") for link in answer.by]
    told += [("with", context_text(asked.context))] if asked.context else []
    told += [("not read", f"{gap.detail} ({gap.at})") for gap in answer.gaps]
    told += [("not read", listed(answer.never_read, "and"))] if answer.never_read else []
    before = ""
    for label, text in told:
        lines += style.labelled("" if label == before else label, text, 0, room=_ROOM)
        before = label
    return style.finish(lines)


def _because(answer: DecidedQuestion) -> list[str]:
    if answer.told is Told.UNDECIDED and answer.why is not None:
        return [f"unknown: {answer.why.detail} ({answer.why.at})"]
    if answer.because:
        return [answer.because]
    return [caveat(answer.why).removeprefix(", ")] if answer.why is not None else []


_KEY = re.compile(r"(\S+:\S+) of the request")


def _to_resolve(answer: DecidedQuestion) -> list[str]:
    if answer.told is not Told.UNDECIDED or answer.why is None:
        return []
    key = _KEY.match(answer.why.detail)
    return [how_to_resolve(answer.why) if key is None else f"pass it with --context {spelled(key[1])}=VALUE"]


def render_answer_json(answer: DecidedQuestion, _style: Style) -> str:
    """Return the answer as one JSON document."""
    request = example_json(answer.asked, origin_json)
    del request["by"]
    told = {
        "schema": SCHEMA,
        "answer": WORDS[answer.told],
        "account": answer.account,
        "region": answer.region,
        "root": answer.root,
        "request": request,
        "by": [{"what": link.what, "at": origin_json(link.at)} for link in answer.by],
        "because": answer.because or None,
        "why": None if answer.why is None else _gap(answer.why),
        "not_read": {"policies": [_gap(gap) for gap in answer.gaps], "kinds": list(answer.never_read)},
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _gap(gap: Unknown) -> dict[str, Any]:
    return {"kind": gap.why.value, "detail": gap.detail, "at": origin_json(gap.at)}
