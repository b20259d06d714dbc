"""Why a score has its status, as values: a code, the number found, the threshold, how heavy it is.

Knows every code there is and nothing of words: pages and the command line hold a sentence in each language for every
member of `Code`. Must stay true: a code that is in use keeps its meaning, snapshots that never change cite it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ScoreStatus(StrEnum):
    """What may be done with a unit's score of an indicator.

    SCORED           可用: nothing stands against it
    CAUTION          谨慎: it stands, and the reasons must be read with it
    NOT_SCORED       暂不计分: withheld, with reasons; never a zero
    SUPPRESSED       不予显示: too few people to show any number without showing persons
    NOT_APPLICABLE   不适用: the set-up leaves this audience out of this unit
    """

    SCORED = "scored"
    CAUTION = "caution"
    NOT_SCORED = "not_scored"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """What a reason does to the status. WITHHOLD: not_scored. CAUTION: caution. NOTE: said, changes nothing."""

    WITHHOLD = "withhold"
    CAUTION = "caution"
    NOTE = "note"


class Code(StrEnum):
    """Every reason and caution. In brackets: number / threshold / subject, where it has them.

    Not scored:
    NO_ANSWERS                    nobody answered enough of any part (0 / 1)
    PART_WITHOUT_ANSWERS          nobody answered enough of one part; the other parts are not stretched over it (0 / 1 /
                                  part)
    TOO_FEW_RESPONSES             valid responses, of the unit or of one part, below the plan's minimum (n / minimum /
                                  part or none)
    TOO_FEW_DEPARTMENTS           departments with a valid response below the plan's minimum (n / minimum / part or
                                  none)
    ALPHA_BELOW                   α of the indicator's scale over all units too low (α / threshold / questionnaire)
    EXCLUSION_SHIFT_WITHHOLDS     score with and without excluded responses too far apart (points / threshold)
    HELD                          a lead evaluator recorded a proven case of guiding or filling in for others
    MORE_ANSWERS_THAN_POPULATION  more respondents than the frame has members: wrong frame, or stuffing (n / N / stratum
                                  or none)
    MORE_USED_THAN_HANDED_OUT     more access codes used than cards handed out (used / handed out)
    DOOR_OVERUSED                 the same at one door (投放) of the unit, though not in the sum; of related departments
                                  also in the sum, which would speak of one department where only one rates the unit

    Caution:
    FEW_RESPONSES                 as TOO_FEW_RESPONSES, below the plan's second, higher mark
    FEW_DEPARTMENTS               as TOO_FEW_DEPARTMENTS, below the second mark
    RESPONSE_RATE_LOW             returned, of the cards handed out or activated, too low (share / threshold)
    ALPHA_LOWER_LOW               lower end of α's interval too low (bound / threshold / questionnaire)
    ALPHA_NOT_ASSESSABLE          too few complete responses for α (n / 30 / questionnaire), where the plan asks for α
    WIDE_INTERVAL                 half width of the score's interval too wide (points / threshold)
    INTERVAL_NOT_ASSESSABLE       one answer, or one department: no spread, so no interval (n / 2)
    EXCLUDED_SHARE_HIGH           too many responses excluded for their quality (share / threshold)
    EXCLUSION_SHIFT_HIGH          as EXCLUSION_SHIFT_WITHHOLDS, above the lower mark
    NEGATIVE_ITEM_REST            an item runs against the rest of its scale: wrong keying? (r / 0 / item)
    STRATUM_WITHOUT_ANSWERS       a stratum of the frame that nobody answered for; the others stand in (its share of the
                                  population / – / stratum)
    POPULATION_UNKNOWN            strata were to be weighted, but a size is not known; every response counts the same
    QUALITY_NOT_ASSESSABLE        fewer than two quality families can be measured, so no response is left out
                                  (families / 2 / questionnaire)
    NON_PROBABILITY               open link (非概率样本): who was asked is not known, so no interval
    UNUSED_NOT_COUNTED            the lead evaluator let scores be computed without a witnessed count of unused cards

    Note:
    CENSUS                        everybody answered: no sampling error; `se_process` says how the institution would do
                                  with other people (n / N)
    NO_POPULATION_SIZE            the population's size is not known: no finite population correction
    NO_FINITE_CORRECTION          no department has two responses, so the correction cannot be estimated
    STRATA_MERGED                 strata with fewer than two answers were joined to the first larger one (how many)
    NO_VARIATION                  everybody gave the same score: a standard error of 0 says nothing (n)
    CONSTANT_ITEM                 an item that everybody answered alike adds nothing to α (– / – / item)
    ALPHA_NOT_DEFINED             α has no value: one item, or totals that do not vary (n / – / questionnaire)
    QUESTIONNAIRES_POOLED         answers to different questionnaires are averaged together (how many)
    FULL_MARKS_MOVED              full marks of an indicator that does not apply were added (points / – / from)
    UNKNOWN_DEPARTMENT            responses that name no department, each counted as one (how many)

    No place among units:
    RANK_TOO_FEW_UNITS            too few units of the category to speak of places (units / minimum)
    RANK_RELIABILITY_LOW          the unit's score does not tell it from the others well enough (λ / threshold)
    RANK_SET_WIDE                 the places that the data allow are too many (places / half of the units)

    Not applicable:
    AUDIENCE_LEFT_OUT             the set-up names no such audience for this unit (– / – / audience)

    Publication:
    TOO_FEW_TO_SHOW               fewer sittings (for related departments: departments) than may be shown, or a small
                                  group that answered alike (– / min_cell)
    ROUNDED                       few enough that only a whole number and an interval rounded outwards are shown (– /
                                  below how many)
    PART_TOO_SMALL                one part may not be shown, and the score would give it away (– / min_cell / part)
    """

    NO_ANSWERS = "no_answers"
    PART_WITHOUT_ANSWERS = "part_without_answers"
    TOO_FEW_RESPONSES = "too_few_responses"
    TOO_FEW_DEPARTMENTS = "too_few_departments"
    ALPHA_BELOW = "alpha_below"
    EXCLUSION_SHIFT_WITHHOLDS = "exclusion_shift_withholds"
    HELD = "held"
    MORE_ANSWERS_THAN_POPULATION = "more_answers_than_population"
    MORE_USED_THAN_HANDED_OUT = "more_used_than_handed_out"
    DOOR_OVERUSED = "door_overused"

    FEW_RESPONSES = "few_responses"
    FEW_DEPARTMENTS = "few_departments"
    RESPONSE_RATE_LOW = "response_rate_low"
    ALPHA_LOWER_LOW = "alpha_lower_low"
    ALPHA_NOT_ASSESSABLE = "alpha_not_assessable"
    WIDE_INTERVAL = "wide_interval"
    INTERVAL_NOT_ASSESSABLE = "interval_not_assessable"
    EXCLUDED_SHARE_HIGH = "excluded_share_high"
    EXCLUSION_SHIFT_HIGH = "exclusion_shift_high"
    NEGATIVE_ITEM_REST = "negative_item_rest"
    STRATUM_WITHOUT_ANSWERS = "stratum_without_answers"
    POPULATION_UNKNOWN = "population_unknown"
    QUALITY_NOT_ASSESSABLE = "quality_not_assessable"
    NON_PROBABILITY = "non_probability"
    UNUSED_NOT_COUNTED = "unused_not_counted"

    CENSUS = "census"
    NO_POPULATION_SIZE = "no_population_size"
    NO_FINITE_CORRECTION = "no_finite_correction"
    STRATA_MERGED = "strata_merged"
    NO_VARIATION = "no_variation"
    CONSTANT_ITEM = "constant_item"
    ALPHA_NOT_DEFINED = "alpha_not_defined"
    QUESTIONNAIRES_POOLED = "questionnaires_pooled"
    FULL_MARKS_MOVED = "full_marks_moved"
    UNKNOWN_DEPARTMENT = "unknown_department"

    RANK_TOO_FEW_UNITS = "rank_too_few_units"
    RANK_RELIABILITY_LOW = "rank_reliability_low"
    RANK_SET_WIDE = "rank_set_wide"

    AUDIENCE_LEFT_OUT = "audience_left_out"

    TOO_FEW_TO_SHOW = "too_few_to_show"
    ROUNDED = "rounded"
    PART_TOO_SMALL = "part_too_small"


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for a status, or that must be read with a score.

    number: what was found; threshold: what it was held against; both None where the code has none or disclosure rules
    hide them. subject: the part, item, stratum, questionnaire or indicator meant, None for the unit as a whole.
    """

    code: Code
    severity: Severity
    number: float | None = None
    threshold: float | None = None
    subject: str | None = None
