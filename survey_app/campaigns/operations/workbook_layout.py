"""The Excel form of a set-up (设置文件): its sheets, columns and words. The template and the reader share this.

A heading is matched by its first line, so that the English below it can be changed or removed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from survey_app.questionnaire.base import AUDIENCE_NAMES, AUDIENCES, Audience

CAMPAIGN, UNITS, FRAME, DEPARTMENTS, RATINGS = "评估轮次", "单位", "分层人数", "部门", "评价关系"

AUDIENCE_WORDS: Mapping[str, Audience] = {AUDIENCE_NAMES[audience][0]: audience for audience in AUDIENCES}
YES, NO = "是", "否"
_YES_WORDS = frozenset({"是", "有", "y", "yes", "true", "1", "√"})
_NO_WORDS = frozenset({"", "否", "无", "n", "no", "false", "0", "×"})


@dataclass(frozen=True)
class Column:
    """One column: its heading in both languages, how wide it is drawn, and how its cells are read.

    A `code` is compared with other cells, a `count` is a whole number, `words` are taken as they stand. One that is
    not `needed` may be absent: workbooks made before there was such a column are still read.
    """

    zh: str
    en: str
    width: int = 16
    kind: Literal["words", "code", "count"] = "words"
    needed: bool = True

    @property
    def heading(self) -> str:
        """What the heading cell says."""
        return f"{self.zh}\n{self.en}"


@dataclass(frozen=True)
class Fact:
    """One row of the sheet 评估轮次: a field of the campaign, its words and what to write."""

    field: str
    zh: str
    en: str
    note: str


FACTS = (
    Fact("code", "轮次代码", "Campaign code", "字母、数字、连字符或下划线，如 pg2026"),
    Fact("title", "轮次名称", "Title", "答卷首页显示"),
    Fact("office", "委托方", "Commissioning office", "机构编制委员会办公室全称"),
    Fact("agency", "第三方机构", "Agency", "没有委托第三方的，填委托方名称"),
    Fact("opens", "开始日期", "First day", "如 2026-12-01"),
    Fact("closes", "截止日期", "Last day", "当天仍可填答"),
    Fact("timezone", "时区", "Time zone", "一般填 Asia/Shanghai"),
    Fact("retention", "保存期限", "Retention", "答卷保存多久，首页显示"),
    Fact("contact", "投诉与咨询", "Contact", "受理投诉的部门和电话，首页显示"),
    Fact("questionnaires", "使用的问卷", "Questionnaires", "多个用分号隔开"),
    Fact("plan", "评分方案", "Scoring plan", "一般填 default"),
)

UNIT_CODE = Column("单位代码", "Unit code", 12, "code")
UNIT_NAME = Column("单位名称", "Unit name", 32)
CATEGORY = Column("类别", "Category", 18)
REPORT_GROUP = Column("合并收集组", "Collection group", 14, "code")
AUDIENCE_COLUMNS = {
    "staff": Column("工作人员", "Staff", 12),
    "service_recipient": Column("管理服务对象", "Service recipients", 16),
    "related_department": Column("相关部门", "Related departments", 16),
}
AUDIENCE = Column("人群", "Audience", 18)
STRATUM = Column("分层", "Stratum", 18)
SIZE = Column("人数", "People", 10, "count")
NAMED_LIST = Column("名单邀请", "Named list", 12, needed=False)
DEPARTMENT_CODE = Column("部门代码", "Department code", 16, "code")
DEPARTMENT_NAME = Column("部门名称", "Department name", 32)
RATERS = Column("填答人数", "Raters", 12, "count")

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    CAMPAIGN: (Column("项目", "Field", 18), Column("填写内容", "Value", 60), Column("说明", "Note", 36)),
    UNITS: (UNIT_CODE, UNIT_NAME, CATEGORY, *AUDIENCE_COLUMNS.values(), REPORT_GROUP),
    FRAME: (UNIT_CODE, AUDIENCE, STRATUM, SIZE, NAMED_LIST),
    DEPARTMENTS: (DEPARTMENT_CODE, DEPARTMENT_NAME, RATERS),
    RATINGS: (DEPARTMENT_CODE, UNIT_CODE),
}


def first_line(value: object) -> str:
    """What a heading or a field label is matched by."""
    lines = str(value if value is not None else "").strip().splitlines()
    return lines[0].strip() if lines else ""


def yes_or_no(value: object) -> bool | None:
    """Whether a cell says 是 or 否 (blank is 否); None when it says neither."""
    word = str(int(value) if isinstance(value, bool) else value if value is not None else "").strip().lower()
    return True if word in _YES_WORDS else False if word in _NO_WORDS else None
