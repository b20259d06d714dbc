"""Conditions look backwards and fit the type of the item they look at; every item can be reached by somebody.

Reachability is a search over the answers that conditions can tell apart. Only what is proven unreachable is reported:
where the search would grow too large, the item counts as reachable.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, combinations

from survey_app.questionnaire.checks.walk import choices_of, missing_of, scale_is_known
from survey_app.questionnaire.conditions import AllOf, AnyCondition, AnyOf, ItemCondition, Negation, leaves
from survey_app.questionnaire.findings import Finding, finding
from survey_app.questionnaire.items import (
    AnsweredItem,
    AnyItem,
    LikertItem,
    MultipleItem,
    NumberItem,
    RankingItem,
    RatingItem,
    SingleItem,
)
from survey_app.questionnaire.model import Questionnaire
from survey_app.questionnaire.visibility import Answer, Answers, compiled, screened_by

_SEARCH_STEPS = 300_000
_MOST_SUBSET_CODES = 10
_MOST_INVOLVED = 200


def check_paths(questionnaire: Questionnaire) -> Iterator[Finding]:
    """Faults of conditions; where there are none, the items that nobody can reach."""
    position = {item.id: at for at, item in enumerate(questionnaire.items())}
    faults = [
        fault
        for item in questionnaire.items()
        if item.visible_if is not None
        for fault in _condition_faults(item, questionnaire, position)
    ]
    yield from faults
    if not faults and len(position) == len(questionnaire.items()):
        yield from _unreachable(questionnaire)


def _condition_faults(item: AnyItem, questionnaire: Questionnaire, position: dict[str, int]) -> Iterator[Finding]:
    assert item.visible_if is not None
    base = questionnaire.pointer(item.id) + "/visible_if"
    own_section = questionnaire.section_of(item.id)
    for at, leaf in leaves(item.visible_if, base):
        if leaf.item not in position:
            yield finding("unknown_item", f"{at}/item", (leaf.item, position), name=leaf.item)
            continue
        asked, section = questionnaire.item(leaf.item), questionnaire.section_of(leaf.item)
        if position[leaf.item] >= position[item.id]:
            yield finding("condition_forward", f"{at}/item", name=leaf.item)
        elif section.repeat is not None and section is not own_section:
            yield finding("condition_into_repeat", f"{at}/item", name=leaf.item)
        elif section.randomize and section is own_section:
            yield finding("condition_in_random_section", f"{at}/item", name=leaf.item)
        if isinstance(asked, AnsweredItem):
            yield from _operator_faults(at, leaf, asked, questionnaire)
        else:
            yield finding("condition_on_note", f"{at}/item", name=leaf.item)


def _operator_faults(at: str, leaf: ItemCondition, asked: AnyItem, questionnaire: Questionnaire) -> Iterator[Finding]:
    if not isinstance(asked, RatingItem | NumberItem):
        for operator in ("at_least", "at_most"):
            if getattr(leaf, operator) is not None:
                yield finding(
                    "condition_operator", f"{at}/{operator}", operator=operator, type=asked.type, name=asked.id
                )
    if not scale_is_known(asked, questionnaire):
        return
    codes = [code.code for code in missing_of(asked, questionnaire)]
    if isinstance(asked, LikertItem | SingleItem | MultipleItem | RankingItem):
        codes += [choice.code for choice in choices_of(asked, questionnaire)]
    for operator, wanted in (("in", leaf.in_), ("not_in", leaf.not_in)):
        for place, code in enumerate(wanted or ()):
            if not codes:
                yield finding(
                    "condition_operator", f"{at}/{operator}", operator=operator, type=asked.type, name=asked.id
                )
                break
            if code not in codes:
                yield finding("unknown_choice", f"{at}/{operator}/{place}", (code, codes), name=code)


def _unreachable(questionnaire: Questionnaire) -> Iterator[Finding]:
    search = _Search(questionnaire)
    for item in questionnaire.items():
        if item.visible_if is not None and not search.can_reach(item):
            yield finding("unreachable_item", questionnaire.pointer(item.id) + "/visible_if", name=item.id)


class _Search:
    """Depth-first over abstract answers, in document order, with a budget for the whole questionnaire.

    The budget counts what takes the time: the single conditions that are looked at.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.steps = _SEARCH_STEPS
        self.position = {item.id: at for at, item in enumerate(questionnaire.items())}
        self.leaves = {item.id: list(_leaves(item)) for item in questionnaire.items()}
        self.holds = {
            item.id: _kleene(item.visible_if, self.position)
            for item in questionnaire.items()
            if item.visible_if is not None
        }
        self.mentions: dict[str, list[ItemCondition]] = {}
        for leaf in chain.from_iterable(self.leaves.values()):
            self.mentions.setdefault(leaf.item, []).append(leaf)
        self.answers_of: dict[str, list[Answer | None]] = {}

    def can_reach(self, target: AnyItem) -> bool:
        """Whether some answers show the item; True when the budget ends first."""
        involved = self._involved(target)
        before = [self.questionnaire.item(name) for name in sorted(involved, key=self.position.__getitem__)]
        return len(before) > _MOST_INVOLVED or self._try(before, 0, {}, target)

    def _involved(self, target: AnyItem) -> set[str]:
        involved: set[str] = set()
        waiting = [target.id]
        while waiting and self.steps > 0:
            found = self.leaves[waiting.pop()]
            self.steps -= len(found)
            new = {leaf.item for leaf in found} - involved
            involved |= new
            waiting += new
        return involved

    def _try(self, items: list[AnyItem], at: int, answers: dict[str, Answer], target: AnyItem) -> bool:
        item = items[at] if at < len(items) else target
        self.steps -= 1 + len(self.leaves[target.id]) + len(self.leaves[item.id])
        if self.steps <= 0:
            return True
        shown = self.holds[target.id](answers, self.position[item.id])
        if shown is False or item is target:
            return shown is True
        if item.id in self.holds and not self.holds[item.id](answers, self.position[item.id]):
            return self._try(items, at + 1, answers, target)
        if item.id not in self.answers_of:
            self.answers_of[item.id] = list(self._answers(item))
        for answer in self.answers_of[item.id]:
            if answer is None:
                if self._try(items, at + 1, answers, target):
                    return True
            elif not self._cuts_off(item, answer, target) and self._try(
                items, at + 1, answers | {item.id: answer}, target
            ):
                return True
        return False

    def _cuts_off(self, item: AnyItem, answer: Answer, target: AnyItem) -> bool:
        ends = screened_by(item, answer)
        same_section = self.questionnaire.section_of(item.id) is self.questionnaire.section_of(target.id)
        return ends == "sitting" or (ends == "section" and same_section)

    def _answers(self, item: AnyItem) -> Iterator[Answer | None]:
        """Answers that differ for some condition: one for each group of codes that every condition treats alike."""
        missing = [code.code for code in missing_of(item, self.questionnaire)]
        if not (isinstance(item, AnsweredItem) and item.required):
            yield None
        yield from missing
        if isinstance(item, RatingItem):
            yield from range(item.min, item.max + 1)
        elif isinstance(item, NumberItem):
            yield from self._numbers(item)
        elif isinstance(item, LikertItem | SingleItem):
            yield from self._representatives(item)
        elif isinstance(item, MultipleItem | RankingItem):
            yield from self._subsets(item)
        else:
            # A text or a date: conditions can only ask whether there is one.
            yield "2000-01-01"

    def _representatives(self, item: AnyItem, left_out: frozenset[str] = frozenset()) -> list[str]:
        named = {
            frozenset(codes) for leaf in self.mentions.get(item.id, ()) for codes in (leaf.in_, leaf.not_in) if codes
        }
        groups: dict[tuple[bool, ...], str] = {}
        for choice in choices_of(item, self.questionnaire):
            if choice.code not in left_out:
                alike = (*(choice.code in codes for codes in named), screened_by(item, choice.code) is not None)
                groups.setdefault(alike, choice.code)
        return list(groups.values())

    def _subsets(self, item: MultipleItem | RankingItem) -> Iterator[Answer]:
        exclusive = frozenset(choice.code for choice in item.choices if choice.exclusive)
        for code in exclusive:
            yield [code]
        free = self._representatives(item, exclusive)
        if len(free) > _MOST_SUBSET_CODES:
            self.steps = 0
        most = item.max_choices or len(item.choices)
        for size in range(1, min(most, len(free)) + 1):
            for chosen in combinations(free, size):
                yield list(chosen)

    def _numbers(self, item: NumberItem) -> Iterator[Answer]:
        bounds = [bound for leaf in self.mentions.get(item.id, ()) for bound in (leaf.at_least, leaf.at_most)]
        step = 10.0**-item.decimals
        marks = {0.0, item.min, item.max}
        for bound in bounds:
            if bound is not None:
                marks |= {bound - step, bound, bound + step}
        low = float("-inf") if item.min is None else item.min
        high = float("inf") if item.max is None else item.max
        yield from sorted(mark for mark in marks if mark is not None and low <= mark <= high)


def _leaves(item: AnyItem) -> Iterator[ItemCondition]:
    return (leaf for _, leaf in leaves(item.visible_if)) if item.visible_if is not None else iter(())


def _kleene(condition: AnyCondition, position: Mapping[str, int]) -> Callable[[Answers, int], bool | None]:
    """The condition under answers to the items before a place: None while a later one may change it."""
    match condition:
        case ItemCondition():
            test, asked = compiled(condition), position[condition.item]
            return lambda answers, place: test(answers) if asked < place else None
        case Negation():
            inner = _kleene(condition.not_, position)
            return lambda answers, place: None if (part := inner(answers, place)) is None else not part
        case AllOf():
            every = [_kleene(part, position) for part in condition.all]

            def all_of(answers: Answers, place: int) -> bool | None:
                parts = [part(answers, place) for part in every]
                return False if False in parts else None if None in parts else True

            return all_of
        case AnyOf():
            some = [_kleene(part, position) for part in condition.any]

            def any_of(answers: Answers, place: int) -> bool | None:
                parts = [part(answers, place) for part in some]
                return True if True in parts else None if None in parts else False

            return any_of
