"""What every file of a snapshot is made from, and the tables that several of them share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from survey_app.scores.queries import display
from survey_app.scores.queries.names import Names
from survey_app.scores.queries.snapshots import Confirmed, Snapshot
from survey_app.scores.rules import words

Value = str | int | float | None

# field, Chinese, English
SCORE_COLUMNS = (
    ("unit", "单位代码", "unit code"),
    ("unit_name", "单位", "unit"),
    ("category", "类别", "category"),
    ("indicator", "指标代码", "indicator code"),
    ("indicator_title", "指标", "indicator"),
    ("audience", "人群", "audience"),
    ("role", "用途", "use"),
    ("status", "状态代码", "status code"),
    ("status_word", "状态", "status"),
    ("score", "得分", "score"),
    ("points", "建议分", "suggested points"),
    ("confirmed_points", "确认分", "confirmed points"),
    ("full_marks", "满分", "full marks"),
    ("total_lo", "总区间下限", "total interval from"),
    ("total_hi", "总区间上限", "total interval to"),
    ("lo", "抽样区间下限", "sampling interval from"),
    ("hi", "抽样区间上限", "sampling interval to"),
    ("rules_lo", "其他口径最低", "other rules, lowest"),
    ("rules_hi", "其他口径最高", "other rules, highest"),
    ("adjusted", "按平均宽严折算", "at average severity"),
    ("adjusted_lo", "折算下限", "at average severity, from"),
    ("adjusted_hi", "折算上限", "at average severity, to"),
    ("se", "标准误", "standard error"),
    ("se_process", "换人标准误", "process error"),
    ("n_valid", "有效答卷", "valid responses"),
    ("n_valid_band", "有效答卷（区间）", "valid responses (band)"),
    ("n_departments", "部门数", "departments"),
    ("n_responses", "收到", "returned"),
    ("n_excluded", "未纳入计算", "left out"),
    ("score_all", "未剔除前得分", "score before any exclusion"),
    ("n_ineligible", "不符合条件", "screened out"),
    ("n_unscored", "作答过少", "too little answered"),
    ("n_asked", "发放或启用", "handed out or activated"),
    ("population", "总体", "population"),
    ("response_rate", "回收率", "response rate"),
    ("response_rate_band", "回收率（区间）", "response rate (band)"),
    ("coverage", "覆盖率", "coverage"),
    ("rate", "回收率口径（AAPOR）", "response rate (AAPOR)"),
    ("answers_more", "还差答卷或部门", "still needed: responses or departments"),
    ("target", "目标误差", "target error"),
    ("design_effect", "设计效应", "design effect"),
    ("n_effective", "有效样本量", "effective sample size"),
    ("r_indicator", "代表性指标 R", "R-indicator"),
    ("r_adjusted", "代表性指标 R（去掉偶然）", "R-indicator, chance taken out"),
    ("unit_reliability_process", "单位信度（换人）", "unit reliability (process)"),
    ("unit_reliability", "单位信度（本批人）", "unit reliability (these people)"),
    ("answers_needed", "还需答卷或部门", "more responses or departments needed"),
    ("rank_lo", "位次下限", "place from"),
    ("rank", "位次", "place"),
    ("rank_hi", "位次上限", "place to"),
    ("no_rank", "不给位次的原因", "why no place"),
    ("reasons", "原因与提示", "reasons and cautions"),
    ("sources", "门槛依据", "sources of thresholds"),
    ("confirmed_reason", "确认理由", "reason of the confirmation"),
    ("confirmed_by", "确认人", "confirmed by"),
    ("confirmed_at", "确认时间", "confirmed at"),
)

_OF_SAMPLING = (
    "coverage", "rate", "answers_more", "target", "design_effect", "n_effective", "r_indicator", "r_adjusted",
)  # fmt: skip
_OF_STANDING = ("unit_reliability_process", "unit_reliability", "answers_needed", "rank_lo", "rank", "rank_hi")


@dataclass(frozen=True)
class Content:
    """One snapshot with its names, and the decisions that count for it by unit and indicator.

    timezone: the campaign's own (IANA name), in which files for people give times.
    """

    snapshot: Snapshot
    names: Names
    confirmed: Mapping[tuple[str, str], Confirmed]
    timezone: str
    demo: bool

    @property
    def language(self) -> str:
        """Which language the file is in: zh or en."""
        return self.names.language

    def say(self, zh: str, en: str) -> str:
        """One of two wordings."""
        return zh if self.language == "zh" else en

    def moment(self, at: datetime) -> str:
        """A moment to the minute, on the campaign's clock."""
        return f"{at.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M}"

    def headings(self) -> list[str]:
        """The headings of the table of scores: words first, the field's name behind them."""
        return [f"{self.say(zh, en)} {field}" for field, zh, en in SCORE_COLUMNS]

    def score_rows(self) -> Iterator[list[Value]]:
        """One row a unit and indicator; what is not shown is blank."""
        units = {unit["code"]: unit for unit in self.snapshot.units}
        beside = {
            (standing["unit"], found["indicator"]): standing
            for found in self.snapshot.document["comparisons"]
            for standing in found["standings"]
        }
        for score in self.snapshot.document["scores"]:
            unit = units[score["unit"]]
            said = [
                *display.said(score["reasons"], score, self.names, unit["name"]),
                *display.said(
                    [one for one in score["cautions"] if one not in score["reasons"]], score, self.names, unit["name"]
                ),
            ]
            standing = beside.get((score["unit"], score["indicator"]), {})
            refusals = display.said(standing.get("refusals", ()), score, self.names, unit["name"])
            made = self.confirmed.get((score["unit"], score["indicator"]))
            special: dict[str, Value] = {
                **{field: (score["sampling"] or {}).get(field) for field in _OF_SAMPLING},
                **{field: standing.get(field) for field in _OF_STANDING},
                "no_rank": " ".join(one.sentence for one in refusals),
                "sources": "; ".join(dict.fromkeys(one.source for one in said)),
                "unit_name": unit["name"],
                "category": unit["category"],
                "indicator_title": self.names.indicator(score["indicator"]),
                "audience": words.one(words.AUDIENCES[score["audience"]], self.language),
                "role": words.one(words.ROLES[score["role"]], self.language),
                "status_word": words.status(score["status"], self.language),
                "n_valid_band": None if score["valid_band"] is None else display.count(None, score["valid_band"]),
                "response_rate_band": (
                    None if score["response_rate_band"] is None else display.share(None, score["response_rate_band"])
                ),
                "reasons": " ".join(one.sentence for one in said),
                "confirmed_points": None if made is None else made.confirmed_score,
                "confirmed_reason": None if made is None else made.reason,
                "confirmed_by": None if made is None else made.by,
                "confirmed_at": None if made is None else self.moment(made.at),
            }
            yield [special[field] if field in special else score[field] for field, _, _ in SCORE_COLUMNS]
