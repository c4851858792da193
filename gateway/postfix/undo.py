"""Takes Gatepost's changes out of a configuration that somebody changed since, and leaves theirs."""

from collections.abc import Iterator, Sequence

from gateway.postfix import milters
from gateway.postfix.change import AddService, Change, SetOverride, SetParameter
from gateway.postfix.survey import Survey
from gateway.postfix.tools import PostfixTools
from gateway.postfix.wish import Wish


def undo(tools: PostfixTools, changes: Sequence[Change], wish: Wish) -> Iterator[str]:
    """Undo from the last change to the first; tells what was left because somebody else set it meanwhile."""
    added = {change.key for change in changes if isinstance(change, AddService)}
    survey = tools.survey()
    for change in reversed(changes):
        if isinstance(change, AddService):
            if survey.service(change.key) is not None:
                tools.remove_service(change.key)
        elif isinstance(change, SetParameter):
            yield from _parameter(tools, survey, change, wish)
        elif isinstance(change, SetOverride) and change.service not in added:
            yield from _override(tools, survey, change, wish)


def _parameter(tools: PostfixTools, survey: Survey, change: SetParameter, wish: Wish) -> Iterator[str]:
    now = survey.written.get(change.name)
    if now == change.new:
        tools.set_parameter(change.name, change.old)
    elif now is not None and change.name.endswith("milters"):
        tools.set_parameter(change.name, _without_ours(survey, now, wish))
        yield f"{change.place} was changed by somebody since: only Gatepost was taken out of it"
    elif now != change.old:
        yield f"{change.place} was changed by somebody since, to “{now or ''}”: it stays so"


def _override(tools: PostfixTools, survey: Survey, change: SetOverride, wish: Wish) -> Iterator[str]:
    service = survey.service(change.service)
    now = service.written.get(change.name) if service is not None else None
    if now == change.new:
        tools.set_override(change.service, change.name, change.old)
    elif now is not None and change.name.endswith("milters"):
        tools.set_override(change.service, change.name, _without_ours(survey, now, wish))
        yield f"{change.place} was changed by somebody since: only Gatepost was taken out of it"
    elif now != change.old:
        yield f"{change.place} was changed by somebody since, to “{now or ''}”: it stays so"


def _without_ours(survey: Survey, value: str, wish: Wish) -> str:
    ours = wish.address_for(survey.queue)
    queue = str(survey.queue)
    return ", ".join(item for item in milters.items(value) if not milters.same(milters.address(item), ours, queue))
