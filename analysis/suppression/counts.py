"""Counts of people in a released report, as a system: which small count follows from those shown.

Knows which counts add up. Must stay true: a count of 1 to `min_cell` - 1 that the rules of publication hide keeps at
least two possible values; indicators that are fed by the same questionnaires share what was returned.

For one unit: returned = valid + excluded + ineligible + unscored in every indicator, returned and ineligible being the
same for all indicators of the same questionnaires; response rate = (returned - ineligible) / asked; the number of a
reason is the count that it speaks of, and a reason that there was no interval says that there was one person. A count
that is hidden alone lies between 1 and `min_cell` - 1, because zeros are shown.
"""

from __future__ import annotations

from analysis.cautions import Code, Reason, ScoreStatus
from analysis.results import Report, UnitScore
from analysis.spec import DisclosureSpec, PlanSpec
from analysis.suppression.system import Secret, Statement, System, Terms, Unknown

_MOST = 1e6  # more than any unit has; far less than an integer program can tell apart
_RESTS = ("n_excluded", "n_ineligible", "n_unscored")
# What the number of a reason counts, where it speaks of the unit as a whole.
_OF_VALID = frozenset({Code.TOO_FEW_RESPONSES, Code.FEW_RESPONSES, Code.NO_VARIATION, Code.NO_ANSWERS})
_OF_PART = frozenset({Code.TOO_FEW_RESPONSES, Code.FEW_RESPONSES})


def returned_publication(unit: str, audience: str) -> str:
    """The name of what was returned and asked in one unit and audience, rates included, in all its indicators."""
    return f"returned:{unit}/{audience}"


def rests_publication(unit: str, audience: str) -> str:
    """The name of what is not in the scores of one unit and audience: excluded, screened out, too little answered."""
    return f"rests:{unit}/{audience}"


def quality_publication(questionnaire: str) -> str:
    """The name of how many responses to a questionnaire were flagged or excluded, over all units."""
    return f"quality:{questionnaire}"


def reason_publication(unit: str, indicator: str, reason: Reason) -> str:
    """The name of a reason of one score."""
    return f"reason:{unit}/{indicator}/{reason.code}/{reason.subject or ''}"


def count_system(released: Report, truth: Report, plan: PlanSpec) -> System:
    """What a released report says about counts of people, all units and indicators.

    truth: the same report before release.
    """
    book = _Book(plan.disclosure)
    sources = _sources(plan, truth)
    for shown, true in zip(released.scores, truth.scores, strict=True):
        if (shown.unit, shown.indicator) != (true.unit, true.indicator):
            raise ValueError("the reports are not about the same scores in the same order")
        if shown.status is not ScoreStatus.NOT_APPLICABLE:
            book.add(shown, true, sources[shown.indicator])
    for found, of_truth in zip(released.quality, truth.quality, strict=True):
        if found.n_excluded is not None:
            book.add_total(found.questionnaire, of_truth.n_excluded or 0, truth)
    return System(tuple(book.unknowns), tuple(book.statements), tuple(book.secrets))


def _sources(plan: PlanSpec, truth: Report) -> dict[str, str]:
    """For each indicator a name of the answers that feed it; indicators of the same answers have the same."""
    audiences = {indicator.code: indicator.audience for indicator in plan.indicators}
    asked: dict[str, set[str]] = {}
    for indicator in plan.indicators:
        asked.setdefault(indicator.audience, set()).update(indicator.questionnaires)
    for score in truth.scores:
        asked[audiences[score.indicator]].update(item.questionnaire for item in score.items)
    return {
        indicator.code: f"{indicator.audience}:"
        + ",".join(sorted(indicator.questionnaires or asked[indicator.audience]))
        for indicator in plan.indicators
    }


class _Book:
    """Unknowns, statements and secrets as they are found, one score after another."""

    def __init__(self, rules: DisclosureSpec) -> None:
        self.rules = rules
        self.unknowns: list[Unknown] = []
        self.statements: list[Statement] = []
        self.secrets: list[Secret] = []
        self.place: dict[str, int] = {}
        self.kept: set[str] = set()

    def add(self, shown: UnitScore, true: UnitScore, sources: str) -> None:
        """Everything that one released score says of counts; sources: which answers feed it."""
        own, shared = f"{shown.unit}/{shown.indicator}", f"{shown.unit}/{sources}"
        places = {
            "n_responses": self._unknown(f"{shared} n_responses"),
            "n_ineligible": self._unknown(f"{shared} n_ineligible"),
            **{name: self._unknown(f"{own} {name}") for name in ("n_valid", "n_excluded", "n_unscored")},
        }
        rest = tuple((places[name], -1.0) for name in ("n_valid", *_RESTS))
        self._say(f"{own} adds up", ((places["n_responses"], 1.0), *rest), 0.0, 0.0)
        if shown.status is ScoreStatus.SUPPRESSED and shown.n_valid is None and shown.valid_band is None:
            return
        returned = returned_publication(shown.unit, shown.audience)
        if shown.n_responses is not None:
            self._is(f"{own} n_responses", places["n_responses"], shown.n_responses, returned)
        if shown.n_valid is not None:
            self._is(f"{own} n_valid", places["n_valid"], shown.n_valid)
        elif shown.valid_band is not None:
            self._say(f"{own} valid_band", ((places["n_valid"], 1.0),), *shown.valid_band)
        for name in _RESTS:
            self._rest(shown, true, name, places[name])
        self._rates(shown, true, places, returned)
        for reason in (*shown.reasons, *shown.cautions):
            self._reason(shown, true, reason, places)
        for part, of_truth in zip(shown.parts, true.parts, strict=False):
            place = self._part(own, part.part)
            if part.n is not None:
                self._is(f"{own}/{part.part} n", place, part.n)
            elif of_truth.n_cell and of_truth.n_cell < self.rules.min_cell:
                self._keep(f"{own}/{part.part} n", place, of_truth.n_cell)

    def add_total(self, questionnaire: str, n_excluded: int, truth: Report) -> None:
        """The excluded of all units, for indicators that all of them can be found in."""
        by_indicator: dict[str, list[UnitScore]] = {}
        for score in truth.scores:
            if score.n_excluded is not None:
                by_indicator.setdefault(score.indicator, []).append(score)
        for indicator, scores in by_indicator.items():
            asked = {item.questionnaire for score in scores for item in score.items}
            # Whoever answered too little for any part is excluded there and not here; then the total says less.
            if asked == {questionnaire} and sum(score.n_excluded or 0 for score in scores) == n_excluded:
                terms = tuple((self._unknown(f"{score.unit}/{indicator} n_excluded"), 1.0) for score in scores)
                label, total = f"{questionnaire} n_excluded in {indicator}", float(n_excluded)
                self._say(label, terms, total, total, quality_publication(questionnaire))

    def _rest(self, shown: UnitScore, true: UnitScore, name: str, place: int) -> None:
        """One of the counts that are not in the score: shown, or hidden because it is small."""
        label, count, actual = f"{shown.unit}/{shown.indicator} {name}", getattr(shown, name), getattr(true, name)
        if count is not None:
            self._is(label, place, count, rests_publication(shown.unit, shown.audience))
        elif actual and actual < self.rules.min_cell:
            if shown.valid_band is None:
                self._say(f"{label} is small", ((place, 1.0),), 1.0, float(self.rules.min_cell - 1))
            self._keep(label, place, actual)

    def _rates(self, shown: UnitScore, true: UnitScore, places: dict[str, int], publication: str) -> None:
        own = f"{shown.unit}/{shown.indicator}"
        back = ((places["n_responses"], 1.0), (places["n_ineligible"], -1.0))
        if shown.n_asked is not None and shown.response_rate is not None:
            came = round(shown.response_rate * shown.n_asked)
            # The rate is of the whole audience; an indicator of some of its questionnaires has fewer responses.
            if came == (true.n_responses or 0) - (true.n_ineligible or 0):
                self._say(f"{own} response_rate", back, float(came), float(came), publication)

    def _reason(self, shown: UnitScore, true: UnitScore, reason: Reason, places: dict[str, int]) -> None:
        """What the number of a reason counts; or the one person that its presence alone speaks of."""
        own, publication = f"{shown.unit}/{shown.indicator}", reason_publication(shown.unit, shown.indicator, reason)
        parts = {part.part for part in true.parts}
        label = f"{own} {reason.code} {reason.subject or ''}"
        if reason.code is Code.INTERVAL_NOT_ASSESSABLE:
            if reason.subject in parts:
                self._is(label, self._part(own, str(reason.subject)), 1, publication)
            return
        if reason.number is None:
            return
        if reason.code in _OF_PART and reason.subject in parts:
            self._is(label, self._part(own, str(reason.subject)), int(reason.number), publication)
        elif reason.code in _OF_VALID and reason.subject is None:
            self._is(label, places["n_valid"], int(reason.number), publication)
        elif reason.code is Code.MORE_USED_THAN_HANDED_OUT and reason.number == true.n_responses:
            self._is(label, places["n_responses"], int(reason.number), publication)
        elif reason.code is Code.EXCLUDED_SHARE_HIGH and true.n_valid is not None and true.n_excluded is not None:
            share = reason.number
            terms = ((places["n_excluded"], 1.0 - share), (places["n_valid"], -share))
            off = (1.0 - share) * true.n_excluded - share * true.n_valid
            self._say(label, terms, off, off, publication)

    def _part(self, own: str, part: str) -> int:
        return self._unknown(f"{own}/{part} n")

    def _unknown(self, name: str) -> int:
        if name not in self.place:
            self.place[name] = len(self.unknowns)
            self.unknowns.append(Unknown(name, 0.0, _MOST, whole=True))
        return self.place[name]

    def _is(self, name: str, place: int, count: int, publication: str | None = None) -> None:
        self._say(name, ((place, 1.0),), float(count), float(count), publication)

    def _say(self, name: str, terms: Terms, lo: float, hi: float, publication: str | None = None) -> None:
        self.statements.append(Statement(name, terms, lo, hi, publication))

    def _keep(self, name: str, place: int, count: int) -> None:
        """A hidden count must leave at least two possibilities open; shared ones are kept once."""
        if name not in self.kept:
            self.kept.add(name)
            self.secrets.append(Secret(name, ((place, 1.0),), count, 1.0))
