"""What follows from the units that somebody ticked: others in their place, the first page of a unit, or the end."""

from dataclasses import dataclass, replace

from survey_app.responses.course import Progress, next_offer, path_of
from survey_app.responses.pages.sending import Sending
from survey_app.responses.rules import NoUnitKnown, TooManyUnits


@dataclass(frozen=True)
class Decision:
    """Where to go with which progress. added: stay, and so many units are offered in place of others; page: None to
    send.
    """

    progress: Progress
    page: int | None = None
    added: int = 0


def decide(sending: Sending) -> Decision:
    """What the page of units leads to. Raises TooManyUnits, NoUnitKnown, BadCapability.

    Whoever knows fewer units than one sitting rates is offered the next ones of the drawn order, until there are none
    or they say that it is enough.
    """
    course, ticked = sending.course, sending.ticked
    if len(ticked) > course.most:
        raise TooManyUnits(chosen=len(ticked), most=course.most, over=len(ticked) - course.most)
    offered = sending.progress.offered or course.most
    more = next_offer(offered, len(ticked), course.most, len(course.units))
    # Nothing ticked is not yet a choice: only the button that says so makes it one.
    progress = replace(sending.progress, known=ticked or None, offered=offered)
    destination = sending.destination
    if destination is not None:
        return Decision(progress, destination)
    if sending.wants("_finish") and (ticked or not more):
        return Decision(replace(progress, known=ticked))
    if not ticked and not more:
        raise NoUnitKnown
    if more and not (ticked and sending.wants("_enough")):
        return Decision(replace(progress, offered=offered + more), sending.at, more)
    path = [page for page in path_of(course.leaves, ticked) if page > sending.at]
    waiting = [page for page in path if page not in progress.finished and page not in progress.typed]
    return Decision(progress, waiting[0] if waiting else path[-1])
