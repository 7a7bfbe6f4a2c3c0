"""A plan, looked at as a whole: what its documents would refuse sessions for, in each account that it is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ssm_hardening.comparison import Comparison
from ssm_hardening.model import LIVE, Account, Role
from ssm_hardening.remediation.adoption.adopted import Adopted
from ssm_hardening.remediation.lockout.proposal import there
from ssm_hardening.remediation.plan import ModuleCall
from ssm_hardening.remediation.rights.destinations import Contents, Reader
from ssm_hardening.remediation.rights.documents import Document, of_call, of_code
from ssm_hardening.remediation.rights.refusals import Refusals
from ssm_hardening.remediation.withholding import Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is looked at: the accounts, `home` as the one that modules are made for, and all that the plan does.

    `written` is what edits write into documents, by root and address; `adopted` are what calls take over.
    """

    accounts: Sequence[Account]
    home: Account | None
    comparison: Comparison
    calls: Sequence[ModuleCall]
    adopted: Sequence[Adopted]
    written: Mapping[tuple[str, str], Contents]
    into: bool

    def after(self, waiting: Waiting) -> Waiting:
        """Return what a plan must heed beside that, so that nobody is refused; the same where this one refuses none."""
        for account in self.accounts:
            documents = tuple(self._documents(account))
            if not documents:
                continue
            roles = tuple(self._roles(account))
            found = Refusals(account=account, roles=roles, calls=self.calls, into=self.into).find(documents)
            helped = (
                (account.root, each.address) for each in found.helped if account is self.home or self.home is None
            )
            waiting = waiting.and_then(found.withheld, helped)
        return waiting

    def _documents(self, account: Account) -> Iterator[Document]:
        reader = Reader(account=account, calls=self.calls, into=self.into)
        for document in account.session_documents:
            written = self.written.get((account.root, document.address))
            if written:
                yield of_code(document, written, reader)
        if account is self.home:
            taken = {each.label: each for each in self.adopted}
            made = (each for each in self.calls if each.module == "session-preferences")
            yield from (of_call(each, taken.get(each.label), reader) for each in made)

    def _roles(self, account: Account) -> Iterator[Role]:
        """Yield the roles of the account: IAM knows no Region, and code is no list of all that the account has."""
        found: dict[str, Role] = {}
        for other in self.accounts:
            if other.root == account.root:
                found |= {each.address: each for each in there(other.roles)}
        if account.source != LIVE and self.home is not None and self.home.source == LIVE:
            undeclared = (each for each in there(self.home.roles) if self._is_undeclared(each, self.home))
            found |= {each.address: each for each in undeclared}
        yield from found.values()

    def _is_undeclared(self, role: Role, account: Account) -> bool:
        pair = self.comparison.of_deployed(role, account.root)
        return pair is None or pair.declared is None
