"""The kinds of secrets that are told by their looks: one table, each kind with the pattern that shows it.

Time is linear in the text: what may go on without end stands only within the secret itself, and nothing that repeats
holds anything that repeats. What a command reads from elsewhere (`$VARIABLE`, `$(command)`, a path) is no secret.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

MASK = "********"

_NOT = (
    r"(?!(?:/|~|\.{1,2}/)|(?:pass|env|file|fd):|--?[A-Za-z]|[A-Z][a-z]{1,30}-[A-Z]|arn:"
    r"|(?i:true|false|yes|no|on|off|none|null|prompt|ask)\b)"
)
PLAIN = rf"{_NOT}[\w/+!@#%^&*.-]{{3}}[\w/+!@#%^&*.,:?=~$-]*"
"""A text that may be a secret; a mask is one, too."""

_SHORT = rf"{_NOT}[\w/+!@#%^&*.-]{{3,200}}"
_Q = r"\\?['\"]"
_WORDS = (
    r"(?i:password|passwd|passphrase|passcode|secret|token|credential"
    r"|(?:api|access|secret|account|private|auth|encryption|signing|master|storage)_?key)"
)
_SHORTER = (
    r"(?:(?:(?i:\b|_|mysql|pg|db|ssh|ftp|redis|ldap|smtp|user|root|admin|sudo)(?i:pass))|Pass|(?<!OLD)_(?i:pwd)|Pwd)"
)
_MORE = r"(?i:_?key_?base|_?key|_?value|_?(?:prod|dev|test|staging|old|new|prev|previous|root|admin|master|b64|base64))"
NAME = rf"\b(?!(?i:old_?pwd|pwd)\b)\w{{0,64}}?(?:{_WORDS}|{_SHORTER}){_MORE}?_?\d{{0,4}}"
"""A name that says that its value is a secret: `DB_PASS`, `clientSecret`, `SECRET_KEY_BASE`; not `PASSWORD_FILE`."""

_START = r"(?:\b|(?<=\\[nrt]))"
"""Where a command begins; in a text that is quoted as JSON, behind the letter of an escaped line break."""

_OPTION = (
    r"(?i:(?<![\w-])--?(?:(?:pass|pwd)|[\w-]{0,40}?(?:password|passwd|passphrase|secret|token"
    r"|(?:api|access|secret|account|auth|storage)-?key)))"
)

_GROUP = "(?P<secret>"
_MOST = 20
"""How many secrets of one kind behind one command are masked at most."""


@dataclass(frozen=True, slots=True)
class SecretKind:
    """A kind of secrets: what a report calls it, words of which a text with one holds one, the pattern, and the mask.

    The group `secret` is what must not be shown; the mask in its place still has the looks.
    """

    told: str
    hints: tuple[str, ...]
    pattern: str
    mask: str = MASK

    def masked(self, text: str) -> str:
        """Return the text with each secret of this kind masked."""
        pattern = _compiled(self.pattern.replace(_GROUP, rf"{_GROUP}(?!\*{{8}})"))
        for _ in range(_MOST):
            # One command may hold several: behind what is masked, the next one is found.
            text, count = pattern.subn(self._replaced, text)
            if not count or self.mask != MASK:
                break
        return text

    def found(self, text: str) -> bool:
        """Say whether the text holds one."""
        return _compiled(self.pattern).search(text) is not None

    def _replaced(self, found: re.Match[str]) -> str:
        start, end = found.start("secret") - found.start(), found.end("secret") - found.start()
        return found[0][:start] + self.mask + found[0][end:]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def _of(commands: str, before: str) -> SecretKind:
    """Return the kind that stands behind an option of a command."""
    hints = tuple(re.findall(r"[a-z]{2,}", commands.replace("\\s", "").replace("\\b", "")))
    pattern = rf"{_START}(?:{commands})\b[^\n;|]{{0,200}}?\s(?:{before})['\"]?(?P<secret>{PLAIN})"
    return SecretKind("a secret", hints, pattern)


def _issued(prefix: str, hints: tuple[str, ...], rest: str, mask: str = "X" * 36) -> SecretKind:
    return SecretKind("an access token", hints, rf"(?:(?<!\w)|(?<=\\[nrt]))(?:{prefix})(?P<secret>{rest})", mask)


_NAMED = ("pass", "pwd", "secret", "token", "key", "credential")
_USER = r"['\"]?[^\s:'\"$]{1,100}:"

KINDS: tuple[SecretKind, ...] = (
    SecretKind("an access key", ("akia", "asia"), r"\b(?:AKIA|ASIA)(?P<secret>[0-9A-Z]{16})\b", "X" * 16),
    SecretKind(
        "a private key",
        ("private key",),
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?P<secret>[\s\S]*?)(?=-----END|\Z)",
        f"\n{MASK}\n",
    ),
    SecretKind("a secret", _NAMED, rf"{NAME}\s{{0,8}}=\s{{0,8}}(?:\\?['\"])?(?P<secret>{PLAIN})"),
    SecretKind("a secret", _NAMED, rf"{_OPTION}[ =]{{1,4}}['\"]?(?P<secret>{PLAIN})"),
    SecretKind("a secret", _NAMED, rf"{NAME}{_Q}\s{{0,8}}[:,]\s{{0,8}}{_Q}(?P<secret>{PLAIN})"),
    SecretKind(
        "a secret",
        _NAMED,
        rf"{_START}(?i:setx|setenv|set\s{{1,4}}-\w{{1,4}})\s{{1,4}}{NAME}\s{{1,4}}['\"]?(?P<secret>{PLAIN})",
    ),
    SecretKind("a secret", ("_auth",), rf"(?i:\b(?:redis|rediscli)?_auth)\s{{0,4}}=\s{{0,4}}['\"]?(?P<secret>{PLAIN})"),
    SecretKind(
        "a secret",
        ("authorization",),
        r"(?i:\bAuthorization['\"]?\s{0,4}[:=]\s{0,4}['\"]?(?:Bearer|Basic|Token|ApiKey)\s{1,8})"
        r"(?P<secret>[\w.~+/=*-]{8,})",
    ),
    SecretKind(
        "a secret",
        ("-h", "header", "x-"),
        r"(?i:(?:(?<!\S)(?:-H|--header)[ =]{0,4}(?:\\?['\"])?"
        r"|(?<![\w-])(?=X-))[\w-]{0,60}?(?:key|token|secret|auth|password))"
        rf"(?:\\?['\"])?\s{{0,4}}[:=]\s{{0,4}}(?:\\?['\"])?(?P<secret>{PLAIN})",
    ),
    SecretKind(
        "a secret",
        ("pwd", "sharedaccesskey", "sig"),
        rf"(?:;\s{{0,4}}(?i:pwd)|(?i:\bSharedAccessKey)|[?&](?i:sig|X-Amz-Signature))=(?P<secret>{PLAIN})",
    ),
    SecretKind("a secret", ("pwd",), rf"\b[Pp]wd=(?P<secret>{_SHORT});(?=\s?\w{{1,30}}(?: \w{{1,30}})?=)"),
    _of(r"curl", rf"(?:-[a-zA-Z]{{0,8}}[uU]\s{{0,4}}|--(?:proxy-)?user[ =]{{1,4}}){_USER}"),
    _of(r"mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump", r"-p(?=\S)"),
    _of(r"sshpass", r"-p\s{0,4}"),
    _of(r"(?:docker|podman|nerdctl|buildah|skopeo|oc|az|helm\s{1,4}registry)\s{1,4}login", r"-p\s{1,4}"),
    _of(r"redis-cli", r"-a\s{1,4}"),
    _of(r"openssl", r"-k\s{1,4}|-pass(?:in|out)?\s{1,4}pass:"),
    _of(r"ldapsearch|ldapadd|ldapmodify|ldapdelete|ldapwhoami|ldappasswd", r"-w\s{0,4}"),
    _of(r"smbclient|rpcclient|smbget", r"-U\s{0,4}['\"]?[^\s%'\"]{1,100}%"),
    SecretKind(
        "a secret",
        ("/user:",),
        rf"{_START}(?i:net\s{{1,4}}use\b)[^\n;|]{{0,200}}?\s(?i:/user:)\S{{1,100}}\s{{1,4}}(?P<secret>{PLAIN})",
    ),
    SecretKind(
        "a secret",
        ("user",),
        rf"{_START}(?i:net\s{{1,4}}user\s{{1,4}})[^\s/]{{1,100}}\s{{1,4}}(?P<secret>{_SHORT})(?=\s{{0,4}}(?:$|[/;&|'\")\\]))",
    ),
    SecretKind(
        "a secret",
        ("securestring",),
        rf"(?i:ConvertTo-SecureString\b)[^\n;|'\"]{{0,100}}?\s['\"]?(?P<secret>{PLAIN})",
    ),
    SecretKind(
        "a secret",
        ("sudo", "--stdin", "chpasswd", "-stdin"),
        rf"{_START}(?:echo|printf)\s{{1,4}}(?:-\w{{1,4}}\s{{1,4}})?(?:\\?['\"])?"
        rf"(?:[^\s:'\"$|]{{1,64}}:(?=\S{{1,200}}\s?\|\s?(?:sudo\s)?chp))?"
        rf"(?P<secret>{_SHORT})(?:\\n)?(?:\\?['\"])?\s{{0,4}}\|\s{{0,4}}"
        r"(?:sudo\s[^\n|;]{0,40}?-\w{0,4}S|(?:sudo\s{1,4})?(?:chpasswd\b|[^\n|;]{1,200}?-stdin\b))",
    ),
    SecretKind(
        "a secret",
        ("<<<",),
        rf"{_START}sudo\s[^\n|;]{{0,40}}?-\w{{0,4}}S[^\n|;]{{0,100}}?<<<\s{{0,4}}['\"]?(?P<secret>{PLAIN})",
    ),
    SecretKind(
        "a secret",
        ("password",),
        rf"(?i:\b(?:machine|login)\s{{1,8}}\S{{1,200}}\s{{1,8}}password\s{{1,8}})(?P<secret>{PLAIN})",
    ),
    SecretKind(
        "a secret",
        ("identified", "password"),
        rf"(?i:\b(?:identified\s{{1,4}}by|password)\s{{1,4}}')(?P<secret>{PLAIN})",
    ),
    SecretKind(
        "a password in an address",
        ("://",),
        r"\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@\"']{0,200}:(?P<secret>[^\s/@\"'${}]{1,200})@",
    ),
    _issued(
        r"gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|dckr_pat_|[sr]k_(?:live|test)_|hv[sbr]\."
        r"|(?:npm_|pypi-|sk-)(?=[\w-]{0,60}[A-Z0-9])",
        ("gh", "github", "glpat-", "xox", "xapp-", "npm_", "pypi-", "dckr_pat_", "k_live_", "k_test_", "sk-", "hv"),
        r"[\w-]{16,}",
    ),
    _issued(r"AIza", ("aiza",), r"[\w-]{30,}"),
    _issued(r"SG\.", ("sg.",), r"[\w.-]{20,}"),
    _issued(r"(?<![.-])s\.", ("s.",), r"[A-Za-z0-9]{24}\b", "X" * 24),
    _issued(r"(?<!-)eyJ[\w-]{5,2000}\.", ("eyj",), r"(?:eyJ[\w-]+\.[\w-]*|\*{8})", MASK),
)  # fmt: skip


def kinds_in(text: str) -> Iterator[SecretKind]:
    """Yield the kinds that the text may hold, by words that each of them has: most texts have none."""
    lowered = text.lower()
    for kind in KINDS:
        for hint in kind.hints:
            if hint in lowered:
                yield kind
                break


PATTERNS: Mapping[str, str] = {
    told: "|".join(f"(?:{kind.pattern.replace(_GROUP, '(?:')})" for kind in KINDS if kind.told == told)
    for told in dict.fromkeys(kind.told for kind in KINDS)
}
"""What a report calls them → the pattern that shows one."""
