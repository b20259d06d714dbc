"""What can be frozen, and the errors of asking for what is not there."""

from typing import Literal

from survey_app.errors import AppError

Kind = Literal["questionnaire", "plan", "setup"]


class UnknownDefinition(AppError):
    """A name that no built-in definition has."""

    code, status = "unknown_definition", 404
    zh = "没有名为“{name}”的内置{kind_zh}。现有：{known}。"
    en = "There is no built-in {kind} named “{name}”. There are: {known}."

    def __init__(self, kind: Kind, name: str, known: tuple[str, ...]) -> None:
        words: dict[Kind, str] = {"questionnaire": "问卷", "plan": "评分方案", "setup": "轮次设置"}
        super().__init__(kind=kind, kind_zh=words[kind], name=name, known="、".join(known))


class NotFrozen(AppError):
    """A hash under which nothing was ever frozen: the database is not whole."""

    code, status = "not_frozen", 500
    zh = "数据库中没有哈希为 {hash} 的冻结定义。请从备份恢复。"
    en = "No frozen definition has the hash {hash}: restore the database from a backup."
