"""Session Manager's history and its running sessions."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from ssm_hardening.sandbox.services.refusals import Refusal
from ssm_hardening.sandbox.services.state import STATES, Item, page, revive

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FILTERS: dict[str, Callable[[Item, str], bool]] = {
    "InvokedAfter": lambda item, value: _started(item) >= _moment(value),
    "InvokedBefore": lambda item, value: _started(item) < _moment(value),
    "Target": lambda item, value: item.get("Target") == value,
    "Owner": lambda item, value: item.get("Owner") == value,
    "Status": lambda item, value: item.get("Status") == value,
    "SessionId": lambda item, value: item.get("SessionId") == value,
    "AccessType": lambda item, value: item.get("AccessType", "Standard") == value,
}


class Sessions(BaseResponse):
    """Operations of `ssm` on sessions."""

    def describe_sessions(self) -> ActionResult:
        """Sessions of one state, latest first, up to 200 to a page."""
        state = self._get_param("State")
        if state not in {"Active", "History"}:
            raise Refusal(
                "ValidationException",
                f"Value '{state}' at 'state' failed to satisfy constraint: Member must satisfy enum value set: "
                "[History, Active]",
            )
        tests = [_test(one) for one in self._get_param("Filters") or ()]
        found = [
            item
            for item in STATES[self.current_account, self.region].sessions
            if _is_active(item) is (state == "Active") and all(test(item) for test in tests)
        ]
        found.sort(key=_started, reverse=True)
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=200)
        return ActionResult({"Sessions": paged["items"], "NextToken": paged["NextToken"]})


def _test(given: Mapping[str, Any]) -> Callable[[Item], bool]:
    key, value = given["key"], given["value"]
    if key not in _FILTERS:
        raise Refusal("InvalidFilterKey", f"The specified key isn't valid: {key}")
    return lambda item: _FILTERS[key](item, value)


def _is_active(item: Item) -> bool:
    return item.get("EndDate") is None and item.get("Status") not in {"Terminated", "Failed"}


def _started(item: Item) -> datetime:
    found = item.get("StartDate")
    return found if isinstance(found, datetime) else _EPOCH


def _moment(text: str) -> datetime:
    found = revive(text)
    if not isinstance(found, datetime):
        raise Refusal("ValidationException", f"{text} is no date")
    return found
