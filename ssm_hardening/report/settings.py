"""What `ssm-harden config show` prints: each setting that is not a default, and where it comes from."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ssm_hardening.report.style import Style, Tone


class SettingTold(NamedTuple):
    """A setting; `command` is the only one that it is for, empty for all. `line` 0: of an environment variable."""

    key: str
    value: Any
    command: str
    place: str
    line: int


class SettingsReport(NamedTuple):
    """The settings in force, and the configuration file that was read."""

    file: str | None
    settings: Sequence[SettingTold]


def render_settings(report: SettingsReport, style: Style) -> str:
    """Return a line for each setting: `fail-on = "high"`, and its place."""
    if not report.settings:
        return style.finish(["No settings: every option has its default."])
    written = [(_written(each), _place(each)) for each in report.settings]
    width = max(len(text) for text, _ in written) + 2
    return style.finish(
        [f"{style.paint(text)}{' ' * (width - len(text))}{style.paint(place, Tone.DIM)}" for text, place in written]
    )


def _written(setting: SettingTold) -> str:
    table = f"[{setting.command.replace(' ', '.')}] " if setting.command else ""
    return f"{table}{setting.key} = {json.dumps(setting.value, ensure_ascii=False)}"


def _place(setting: SettingTold) -> str:
    return f"{setting.place}:{setting.line}" if setting.line else setting.place


def render_settings_json(report: SettingsReport, _style: Style) -> str:
    """Return the settings as JSON."""
    told = {
        "schema": "ssm-harden/settings/1",
        "file": report.file,
        "settings": [
            {"key": each.key, "command": each.command or None, "value": each.value, "source": _place(each)}
            for each in report.settings
        ],
    }
    return json.dumps(told, indent=2) + "\n"
