"""Many accounts and Regions at a glance: what failed in each, the worst first, and which could not be read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ssm_hardening.core.errors import counted
from ssm_hardening.core.values import Absent, Known, Unknown
from ssm_hardening.model import LIVE, Account, Gap
from ssm_hardening.model.scope import GLOBAL, by_account
from ssm_hardening.report.columns import columns
from ssm_hardening.report.style import Style, Tone
from ssm_hardening.report.words import listed
from ssm_hardening.verdicts.findings import Failed, Finding, Passed, Severity, Undecided

_MOST_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTally:
    """One account and Region: how many failures of each severity, and what was refused.

    `unread` says why nothing at all could be read.
    """

    account: str
    region: str
    root: str
    failed: Mapping[Severity, int]
    undecided: int
    passed: int
    gaps: tuple[Gap, ...]
    unread: str = ""

    @property
    def rank(self) -> tuple[int, ...]:
        """What cells are sorted by: the worst first."""
        return (*(-self.failed[severity] for severity in Severity), -bool(self.unread), -self.undecided)


def matrix(accounts: Sequence[Account], findings: Sequence[Finding]) -> tuple[AccountTally, ...]:
    """Return one cell for each live account and Region, the worst first.

    What belongs to an account as a whole has a cell of its own where several Regions of it were read.
    """
    live = [account for account in accounts if account.source == LIVE]
    several = {account.root for group in by_account(live) if len(group) > 1 for account in group}
    by_cell: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if finding.counts:
            whole = finding.region == GLOBAL and finding.root in several
            by_cell.setdefault((finding.account, GLOBAL) if whole else ("", finding.root), []).append(finding)
    cells = [_cell(account, by_cell.get(("", account.root), ())) for account in live]
    for group in by_account(live):
        found = by_cell.get((_text(group[0].account), GLOBAL), ())
        if found:
            cells.append(
                replace(_cell(group[0], found), region=GLOBAL, root=f"{_text(group[0].account)}/{GLOBAL}", gaps=())
            )
    return tuple(sorted(cells, key=lambda cell: (*cell.rank, cell.account, cell.region)))


def _cell(account: Account, findings: Sequence[Finding]) -> AccountTally:
    failed = [finding.severity for finding in findings if isinstance(finding.verdict, Failed)]
    return AccountTally(
        account=_text(account.account),
        region=_text(account.region),
        root=account.root,
        failed={severity: failed.count(severity) for severity in Severity},
        undecided=sum(isinstance(finding.verdict, Undecided) for finding in findings),
        passed=sum(isinstance(finding.verdict, Passed) for finding in findings),
        gaps=account.gaps,
        unread=unread_because(account),
    )


def unread_because(account: Account) -> str:
    """Return why nothing could be read; nothing where something could."""
    gap = account.session_documents.gap
    same = gap is not None and gap == account.instances.gap == account.settings.gap == account.keys.gap
    return gap.detail if same and gap is not None else ""


def _text(value: Known[object] | Absent | Unknown) -> str:
    return str(value.value) if isinstance(value, Known) else "unknown"


def regions_of(cells: Iterable[AccountTally]) -> list[str]:
    """Return the columns of the matrix: the Regions, and behind them what belongs to no Region."""
    return sorted({cell.region for cell in cells}, key=lambda region: (region == GLOBAL, region))


def matrix_lines(cells: Sequence[AccountTally], style: Style) -> list[str]:
    """Return the matrix: accounts down, Regions across, the account with the worst cell first."""
    if not cells[1:]:  # one account and Region is no matrix
        return []
    regions = regions_of(cells)
    grid = {(cell.account, cell.region): cell for cell in cells}
    order = list(dict.fromkeys(cell.account for cell in cells))
    rows = [["account", *regions, ""]]
    rows += [[account, *(_short(grid.get((account, region))) for region in regions), ""] for account in order]
    aside = f"{counted(len(order), 'account')}, {counted(len(set(regions) - {GLOBAL}), 'Region')}"
    lines = [*style.heading("Accounts and Regions", aside), *columns(rows, style, indent=2, most=len(rows))]
    lines += ["", *style.wrap("C critical, H high, M medium, L low; ? undecided; ! not read", 2, Tone.DIM)]
    return [*lines, *_unread_lines(cells, style)]


def _unread_lines(cells: Sequence[AccountTally], style: Style) -> list[str]:
    return [line for text in unread(cells) for line in style.wrap(f"! {text}", 2, Tone.YELLOW, hang=2)]


def unread(cells: Sequence[AccountTally]) -> list[str]:
    """Return why nothing could be read of an account and Region, those of one reason together."""
    reasons: dict[str, list[str]] = {}
    for cell in cells:
        if cell.unread:
            reasons.setdefault(cell.unread, []).append(f"{cell.account} {cell.region}")
    return [f"{listed(places, most=_MOST_PLACES)}: {reason}" for reason, places in reasons.items()]


def _short(cell: AccountTally | None) -> str:
    if cell is None:
        return "-"
    if cell.unread:
        return "!"
    failed = [f"{cell.failed[severity]}{severity.value[0].upper()}" for severity in Severity if cell.failed[severity]]
    return " ".join([*failed, *([f"{cell.undecided}?"] if cell.undecided else [])]) or "ok"
