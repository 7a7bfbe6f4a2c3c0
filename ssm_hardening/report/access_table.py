"""The access view for people: a matrix of people and questions and the roles of nodes, in full with what grants it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ssm_hardening.access.answers import Link, Path, PersonAnswer, Told, Topic
from ssm_hardening.access.node_roles import NodeRole
from ssm_hardening.access.view import AccessView, Chain, Row
from ssm_hardening.core.errors import counted
from ssm_hardening.core.errors import listed as all_of
from ssm_hardening.core.values import Unknown
from ssm_hardening.iam.analysis import caveat
from ssm_hardening.report.columns import columns
from ssm_hardening.report.style import Style, Tone, clean
from ssm_hardening.report.words import example_text, listed

_MOST_ROWS = 60
_MOST_PATHS = 20
"""Beyond so many people the matrix tells their number, and the paths are in the JSON."""

COLUMNS: Mapping[Topic, tuple[str, str]] = {
    Topic.NODES: ("nodes", "on how many nodes they may start sessions"),
    Topic.UNRECORDED: ("unrecorded", "may start sessions that are not recorded"),
    Topic.ROOT: ("root", "may start sessions as root, or as a user with sudo"),
    Topic.PREFERENCES: ("settings", "may change the preferences or the service settings"),
    Topic.COMMANDS: ("commands", "may run commands as root without a session"),
    Topic.SHELLS: ("shells", "may get a shell on nodes or in containers in other ways"),
    Topic.ESCALATION: ("extend", "may extend their own permissions or those of a node"),
}
_TONES: Mapping[Told, Tone] = {Told.YES: Tone.RED, Told.NO: Tone.GREEN, Told.UNDECIDED: Tone.YELLOW}
_OF_HISTORY: Mapping[Told, Tone] = {Told.YES: Tone.DIM, Told.NO: Tone.RED, Told.UNDECIDED: Tone.YELLOW}
_INDENT, _GAP = 2, 2
_MOST_PHRASES = 12
_MOST_POLICIES = 8
_MOST_UNDECIDED = 6


_NO_ONE = "Nothing to show: neither nodes nor permissions for sessions were found."
_MOST_IN_BRIEF = 25
_MOST_ROLES = 8


def render_access_screen(views: Sequence[AccessView], style: Style) -> str:
    """Return one screen on each account and Region: the matrix, and the node roles that grant too much."""
    places = places_of(views)
    lines = [line for view, place in zip(views, places, strict=True) for line in _screen(view, place, style)]
    return style.finish([*lines, *_legend(views, style)] if lines else [_NO_ONE])


def _screen(view: AccessView, place: str, style: Style) -> list[str]:
    told = f"{counted(len(view.rows), 'person', 'people')} · {counted(view.nodes, 'node')}"
    lines = style.heading(f"Who can do what: {place}", told)
    lines += _matrix(view, style, most=_MOST_IN_BRIEF) if view.rows else [_no_one(view, style)]
    return [*lines, *_more_people(view, style), *_chains_in_brief(view, style), "", *_roles_in_brief(view, style), ""]


def _legend(views: Sequence[AccessView], style: Style) -> list[str]:
    """Return what the columns mean, what yes means, and where to read on."""
    lines = [line for name, meaning in COLUMNS.values() for line in style.labelled(name, meaning, _INDENT, room=12)]
    lines += style.labelled("?", "undecided", _INDENT, room=12)
    hint = "--full names the statement behind each yes, with a request that it allows."
    return [*lines, "", *style.wrap(yes_means(views), _INDENT, Tone.DIM), *style.wrap(hint, _INDENT, Tone.DIM)]


def _roles_in_brief(view: AccessView, style: Style) -> list[str]:
    """Return a line for each role of a node that grants too much, lacks something, or could not be read."""
    lines: list[str] = []
    notable = [role for role in view.roles if role.beyond or role.lacks or role.unknown]
    for role in notable[:_MOST_ROLES]:
        beyond = listed(dict.fromkeys(each.does for each in role.beyond), most=4)
        parts = [f"may {beyond}" if beyond else "", f"lacks {listed(role.lacks, most=4)}" if role.lacks else ""]
        parts += [f"? {role.unknown[0]}"] if role.unknown else []
        text = f"role {role.name} ({listed(role.nodes, most=3) or 'no node'}): {'; '.join(filter(None, parts))}"
        lines += style.wrap(text, _INDENT, Tone.RED if role.beyond else Tone.YELLOW, hang=2)
    left = len(notable) - _MOST_ROLES
    lines += style.wrap(f"and {counted(left, 'more role')}", _INDENT, Tone.DIM) if left > 0 else []
    if view.without_role:
        lines += style.wrap(f"without a role of their own: {listed(view.without_role)}", _INDENT, Tone.YELLOW)
    if not lines:
        known = "no role of a node grants more than sessions need" if view.roles else "no node was read"
        lines = style.wrap(known, _INDENT, Tone.DIM)
    return [style.spread("What node roles allow", "", indent=0), *lines]


def render_access(views: Sequence[AccessView], style: Style) -> str:
    """Return the whole report on each account and Region."""
    places = places_of(views)
    lines = [line for view, place in zip(views, places, strict=True) for line in _account(view, place, style)]
    return style.finish(lines or [_NO_ONE])


def places_of(views: Sequence[AccessView]) -> list[str]:
    """Return what each view is of; where a root module has several, with what tells them apart."""
    several = [view.root for view in views]
    return [_place(view, is_one=several.count(view.root) == 1) for view in views]


def _place(view: AccessView, *, is_one: bool) -> str:
    within = f"{view.account} {view.region}"
    if view.source == "live":
        return within
    known = within.replace("unknown", "").strip()
    return view.root if is_one or not known else f"{view.root} ({known})"


def _account(view: AccessView, place: str, style: Style) -> list[str]:
    lines = style.heading("Who can do what", place)
    lines += _matrix(view, style, most=_MOST_ROWS) if view.rows else [_no_one(view, style)]
    lines += ["", *_remarks(view, style)]
    if view.rows:
        lines += style.heading("What grants it", counted(len(view.rows), "person", "people"))
        lines += [line for row in view.rows[:_MOST_PATHS] for line in _person(row, style)]
        left = len(view.rows) - _MOST_PATHS
        lines += style.wrap(f"and {left} more: --format json lists all", _INDENT, Tone.DIM) if left > 0 else []
    return [*lines, *_nodes(view, style)]


def _no_one(view: AccessView, style: Style) -> str:
    known = "no person has policies that grant any of this"
    if view.history:
        known = "no person that was read has policies that grant any of this, but sessions were started"
    return " " * _INDENT + style.paint(known if view.gap is None else "the people are unknown", Tone.DIM)


def _matrix(view: AccessView, style: Style, *, most: int) -> list[str]:
    rows = view.rows[:most]
    widths = [max(len(COLUMNS[asked][0]), *(len(_cell(row, asked).short) for row in rows)) for asked in Topic]
    room = style.width - _INDENT - sum(widths) - _GAP * len(widths)
    names = min(max(len(clean(row.title)) for row in rows), max(room, 0))
    heads = [COLUMNS[asked][0].ljust(width) for asked, width in zip(Topic, widths, strict=True)]
    head = " " * _INDENT + style.paint((" " * _GAP).join(["".ljust(names), *heads]).rstrip(), Tone.DIM)
    lines = [head, *(line for row in rows for line in _row(row, names, widths, style))]
    left = len(view.rows) - len(rows)
    return [*lines, *(style.wrap(f"and {left} more", _INDENT, Tone.DIM) if left else [])]


def _row(row: Row, names: int, widths: Sequence[int], style: Style) -> list[str]:
    """Return a row; a name too long for its column stands on a line of its own."""
    title = clean(row.title)
    cells = [_painted(_cell(row, asked), width, style) for asked, width in zip(Topic, widths, strict=True)]
    fits = len(title) <= names
    head = [] if fits else [" " * _INDENT + style.paint(title, Tone.CYAN)]
    first = style.paint(title, Tone.CYAN) + " " * (names - len(title)) if fits else " " * names
    return [*head, " " * _INDENT + (" " * _GAP).join([first, *cells]).rstrip()]


def _painted(cell: PersonAnswer, width: int, style: Style) -> str:
    return style.paint(cell.short, _TONES[cell.told]) + " " * (width - len(cell.short))


def _cell(row: Row, asked: Topic) -> PersonAnswer:
    return next(each for each in row.cells if each.asked is asked)


def yes_means(views: Sequence[AccessView]) -> str:
    """Return what a yes does not tell: which policies were not read."""
    names = tuple(dict.fromkeys(name for view in views for name in view.not_read))
    unread = f"{all_of(names, 'and').capitalize()} were not read, and can still deny it."
    return f"Yes means that their policies grant it. {unread}"


def _remarks(view: AccessView, style: Style) -> list[str]:
    legend = "; ".join(f"{name}: {meaning}" for name, meaning in COLUMNS.values())
    lines = style.wrap(f"{legend}. ?: undecided.", _INDENT, Tone.DIM)
    return [*lines, *style.wrap(yes_means((view,)), _INDENT, Tone.DIM), *_more_people(view, style)]


def _more_people(view: AccessView, style: Style) -> list[str]:
    """Return how many others there are, and why there may be more."""
    idle = counted(view.idle, "more person", "more people")
    lines = style.wrap(f"{idle} without any of this", _INDENT, Tone.DIM) if view.idle else []
    if view.unattached:
        policies = listed([row.title.removeprefix("policy ") for row in view.unattached], most=_MOST_POLICIES)
        lines += style.wrap(f"attached nowhere, and grants some of this: {policies}", _INDENT, Tone.YELLOW, hang=2)
    for who, asked, by in view.denials_in_words():
        text = f"{who}: {listed(COLUMNS[each][0] for each in asked)} denied by {by}"
        lines += style.wrap(text, _INDENT, Tone.DIM, hang=2)
    for told, text in view.history_in_words():
        lines += style.wrap(text, _INDENT, _OF_HISTORY[told], hang=2)
    gaps = (("people", view.gap), ("nodes", view.nodes_gap), ("sessions in the history", view.history_gap))
    return [*lines, *(line for what, gap in gaps for line in _more(what, gap, style))]


def _more(what: str, gap: Unknown | None, style: Style) -> list[str]:
    text = "" if gap is None else f"? there may be more {what}: {gap.detail}"
    return style.wrap(text, _INDENT, Tone.YELLOW, hang=2)


def _person(row: Row, style: Style) -> list[str]:
    lines = _titled(row.title, str(row.at), style)
    if row.doubt is not None:
        lines += style.wrap(f"? whether this is a person: {row.doubt.detail}", 4, Tone.YELLOW, hang=2)
    for cell in row.cells:
        lines += _of_cell(cell, style)
    return [*lines, *(line for each in row.chains for line in _by_roles(each, style)), ""]


def _by_roles(chain: Chain, style: Style) -> list[str]:
    return [
        *style.labelled("assumes", _way(chain), 4, Tone.YELLOW if chain.barred else Tone.RED, room=12),
        *style.labelled("", f"by {_places(chain.links)}", 4, Tone.DIM, room=12),
    ]


def _way(chain: Chain) -> str:
    """Return the roles in their order, and what the last of them is granted."""
    told = f"{' → '.join(chain.roles)}: {', '.join(COLUMNS[each][0] for each in chain.reaches)}"
    if chain.barred:
        return f"{told} (barred: the trust policy asks for MFA, which the session of a role does not hold)"
    return told if chain.why is None else f"{told} (? {chain.why.detail})"


def _chains_in_brief(view: AccessView, style: Style) -> list[str]:
    """Return a line for each person who gains by assuming roles."""
    told = [f"{row.title} → {_way(chain)}" for row in view.rows for chain in row.chains]
    lines = [line for each in told[:_MOST_ROLES] for line in style.wrap(each, _INDENT, Tone.YELLOW, hang=2)]
    left = len(told) - _MOST_ROLES
    lines += style.wrap(f"and {left} more: --full lists all", _INDENT, Tone.DIM) if left > 0 else []
    return ["", style.spread("What people gain by assuming roles", "", indent=0), *lines] if lines else []


def _titled(title: str, aside: str, style: Style) -> list[str]:
    """Return a name and what stands beside it, or below where the line is too short."""
    head = " " * _INDENT + style.paint(title, Tone.BOLD)
    if _INDENT + len(clean(title)) + _GAP + len(clean(aside)) <= style.width:
        return [head + " " * _GAP + style.paint(aside, Tone.DIM)]
    return [head, *style.wrap(aside, _INDENT * 2, Tone.DIM)]


def _of_cell(cell: PersonAnswer, style: Style) -> list[str]:
    """Return the paths of one cell; those of sessions tell of records and users too, so these are not repeated."""
    name = COLUMNS[cell.asked][0]
    if cell.why is not None and cell.told is not Told.YES:
        return style.labelled(name, f"? {cell.why.detail}", 4, Tone.YELLOW, room=12)
    if cell.told is Told.NO or cell.asked in {Topic.UNRECORDED, Topic.ROOT}:
        return []
    lines: list[str] = []
    for links, found in _grouped(cell.paths).items():
        for text in _told(found):
            lines += style.labelled(name if not lines else "", text, 4, room=12)
        lines += style.labelled("", f"by {_places(links)}", 4, Tone.DIM, room=12)
    if cell.example is not None:
        lines += style.labelled("", f"for example, {example_text(cell.example)}", 4, Tone.DIM, room=12)
    for each in cell.undecided[:_MOST_UNDECIDED]:
        lines += style.labelled("", f"? {each}", 4, Tone.YELLOW, room=12)
    left = len(cell.undecided) - _MOST_UNDECIDED
    lines += style.labelled("", f"? and {left} more", 4, Tone.YELLOW, room=12) if left > 0 else []
    if cell.why is not None:
        lines += style.labelled("", caveat(cell.why).removeprefix(", "), 4, Tone.YELLOW, room=12)
    return lines


def _grouped(paths: Sequence[Path]) -> dict[tuple[Link, ...], list[Path]]:
    """Return together what the same statements grant."""
    groups: dict[tuple[Link, ...], list[Path]] = {}
    for path in paths:
        groups.setdefault(tuple(link for link in path.links if not _is_role(link)), []).append(path)
    return groups


def _told(paths: Sequence[Path]) -> Iterator[str]:
    """Yield what is granted: phrases, or actions on nodes with the documents that they are done with."""
    aimed = [path for path in paths if path.on]
    for does in dict.fromkeys(path.does for path in aimed):
        mine = [path for path in aimed if path.does == does]
        yield f"{does} on {_targets(mine)}"
        yield from _using(mine)
    plain = list(dict.fromkeys(path.does for path in paths if not path.on))
    if plain:
        yield listed(plain, most=_MOST_PHRASES)


def _targets(paths: Sequence[Path]) -> str:
    """Return the nodes, and the roles that such a session reaches."""
    roles: dict[str, list[str]] = {}
    for path in paths:
        roles.setdefault(path.on, [link.what for link in path.links if _is_role(link)])
    return listed([f"{on} ({', '.join(names)})" if names else on for on, names in roles.items()])


def _using(paths: Sequence[Path]) -> Iterator[str]:
    outcomes: dict[str, list[str]] = {}
    for path in paths:
        if path.using not in outcomes.setdefault(path.outcome, []):
            outcomes[path.outcome].append(path.using)
    for outcome, names in outcomes.items():
        yield f"with {listed(names)}{': ' if outcome else ''}{outcome}"


def _is_role(link: Link) -> bool:
    return link.what.startswith("role ")


def _places(links: Iterable[Link]) -> str:
    return " and ".join(f"{link.what} ({link.at})" for link in links)


def _nodes(view: AccessView, style: Style) -> list[str]:
    lines = style.heading("What node roles allow", counted(view.nodes, "node"))
    rows = [
        [each.policy, listed(each.roles), listed(each.nodes) or "none of the nodes that were read"]
        for each in view.carried
    ]
    lines += columns(rows, style, indent=_INDENT, heads=("managed policy", "roles", "nodes")) if rows else []
    lines += [""] if rows else []
    for role in view.roles:
        lines += [*_role(role, style), ""]
    if view.without_role:
        lines += style.wrap(f"without a role of their own: {listed(view.without_role)}", _INDENT, Tone.YELLOW)
    if not view.roles and not view.without_role:
        lines += style.wrap("no node was read", _INDENT, Tone.DIM)
    return lines


def _role(role: NodeRole, style: Style) -> list[str]:
    lines = _titled(role.name, listed(role.nodes) or "no node", style)
    told: dict[str, list[str]] = {}
    for each in role.beyond:
        told.setdefault(_places(each.links), []).append(each.does)
    for place, does in told.items():
        lines += style.labelled("beyond", f"{listed(does, most=20)}; by {place}", 4, Tone.RED, room=12)
    if role.lacks:
        lines += style.labelled("lacks", listed(role.lacks), 4, Tone.RED, room=12)
    if not role.beyond and not role.lacks and not role.unknown:
        lines += style.labelled("beyond", "nothing more than sessions need", 4, Tone.GREEN, room=12)
    for text in role.unknown[:1]:
        more = f" and {len(role.unknown) - 1} more" if len(role.unknown) > 1 else ""
        lines += style.labelled("?", f"{text}{more}", 4, Tone.YELLOW, room=12)
    return lines
