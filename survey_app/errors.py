"""Errors that a person can act on: a code for machines, a sentence in Chinese and in English, an HTTP status.

A capability declares its own in its `rules`, one class per thing that can go wrong, both languages beside each other:

    class TooFewToBeAnonymous(AppError):
        code, status = "too_few_to_be_anonymous", 409
        zh = "投放“{collector}”只有 {got} 人次，少于 {expected}：请与其他投放合并为一个报告组。"
        en = "Collector “{collector}” has {got} sittings, fewer than {expected}: put it into a report group."
"""

from typing import ClassVar


class AppError(Exception):
    """Something the person who caused it can understand and put right; never used to hide a defect."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    exit_code: ClassVar[int] = 1  # of the command line
    zh: ClassVar[str] = "操作没有完成。"
    en: ClassVar[str] = "This was not done."

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(f"{self.code}: {self.message('en')}")

    def message(self, language: str) -> str:
        """The sentence in `zh` or `en`, with the values of this occurrence put in."""
        return (self.zh if language == "zh" else self.en).format(**self.values)


class NotFound(AppError):
    """No such thing, or not for this person: the two are not told apart."""

    code, status = "not_found", 404
    zh = "没有这一项，或者您无权查看：{what}。"
    en = "There is no such thing, or it is not yours to see: {what}."


class BadInput(AppError):
    """A document or form with faults; `findings` lists every one of them, and nothing was changed."""

    code, status = "bad_input", 422
    zh = "内容有 {count} 处需要修改，没有保存任何更改。"
    en = "{count} faults to correct; nothing was changed."

    def __init__(self, findings: list[object]) -> None:
        self.findings = findings
        super().__init__(count=len(findings))
