"""Tables that tests record as their property `table`: shown at the end of a run, whether they passed or failed."""

import pytest

TABLE = "table"


def show(terminalreporter: pytest.TerminalReporter) -> None:
    """Show each table below the name of its test."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, text in report.user_properties:
                if name == TABLE:
                    terminalreporter.section(report.head_line)
                    terminalreporter.write_line(str(text))
