"""The offline commands as they are typed: `pingyi reliability|quality|agreement|raters|ranks|analyse`.

Only what is typed stands here; what computes is loaded when a command runs, because numpy, pandas and statsmodels take
longer to load than the help takes to read. docs/offline.md is the contract.
"""

import importlib
from pathlib import Path
from typing import Any

import click

from survey_app.cli.statistics.options import OfflineCommand, data_argument, items_option, json_option

_ITEMS = "题目的列名，用英文逗号隔开 / columns of the items, separated by commas"
_RANGE = "最低和最高分，如 1,5 / lowest and highest answer, such as 1,5"
_RANGE_NEEDED = (
    "最低和最高分，如 1,5；有 --reverse 或 --polychoric 时必填 / "
    "lowest and highest answer, such as 1,5; required with --reverse or --polychoric"
)
_REVERSE = "其中的反向题；需要 --range / those of them that are worded the other way; needs --range"


def _run(module: str, **arguments: Any) -> None:  # noqa: ANN401  # as typed
    importlib.import_module(f"survey_app.cli.statistics.{module}").run(**arguments)


@click.command("reliability", cls=OfflineCommand)
@data_argument
@items_option(_ITEMS)
@click.option("--reverse", metavar="b", help=_REVERSE)
@click.option("--range", "range_", metavar="1,5", help=_RANGE_NEEDED)
@click.option(
    "--missing",
    type=click.Choice(["listwise", "pairwise"]),
    default="listwise",
    show_default=True,
    help="缺失怎么办：整行删除或成对删除 / drop rows, or use every pair",
)
@click.option("--polychoric", is_flag=True, help="加算多分格相关和 ordinal α / polychoric correlations, ordinal α")
@json_option
def reliability(**arguments: Any) -> None:  # noqa: ANN401
    """量表信度和结构：α 及区间、ω、λ、分半、KMO 等 / Reliability of a scale: α with intervals, ω, λ, splits, KMO."""
    _run("reliability", **arguments)


@click.command("quality", cls=OfflineCommand)
@data_argument
@items_option(_ITEMS)
@click.option("--reverse", metavar="b", help=_REVERSE)
@click.option("--seconds", metavar="COL", help="作答秒数的列 / column with the seconds that answering took")
@click.option("--range", "range_", metavar="1,5", help=_RANGE)
@json_option
def quality(**arguments: Any) -> None:  # noqa: ANN401
    """逐份答卷的质量信号（不剔除任何答卷） / Signals of careless answering, row by row (nothing is excluded)."""
    _run("quality", **arguments)


@click.command("agreement", cls=OfflineCommand)
@data_argument
@click.option("--unit", metavar="COL", required=True, help="单位的列 / column of the units")
@items_option(_ITEMS)
@click.option("--range", "range_", metavar="1,5", required=True, help=_RANGE)
@json_option
def agreement(**arguments: Any) -> None:  # noqa: ANN401
    """单位内部是否一致、单位之间能否区分：ICC、r_wg / Agreement within units, and whether units differ: ICC, r_wg."""
    _run("agreement", **arguments)


@click.command("raters", cls=OfflineCommand)
@click.argument("data", metavar="RATINGS.csv", type=click.Path(path_type=Path))
@json_option
def raters(**arguments: Any) -> None:  # noqa: ANN401
    """评分人之间是否一致；一行一个对象，一列一名评分人 / Agreement of raters: rows are subjects, columns raters."""
    _run("raters", **arguments)


@click.command("ranks", cls=OfflineCommand)
@click.argument("data", metavar="SCORES.csv", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="随机数种子 / random seed")
@json_option
def ranks(**arguments: Any) -> None:  # noqa: ANN401
    """位次的置信区间，列为 unit,score,se / Confidence sets for ranks; columns unit,score,se, 1 is the highest."""
    _run("ranks", **arguments)


@click.command("analyse", cls=OfflineCommand)
@click.option(
    "--questionnaire",
    "questionnaires",
    metavar="Q.json",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="问卷，可以给多份 / questionnaire; may be given several times",
)
@click.option(
    "--plan", metavar="P.json", required=True, type=click.Path(path_type=Path), help="评分方案 / scoring plan"
)
@click.option(
    "--responses", metavar="R.csv", required=True, type=click.Path(path_type=Path), help="答卷 / one row a response"
)
@click.option(
    "--frame", metavar="F.csv", type=click.Path(path_type=Path), help="抽样框人数 / unit,audience,stratum,size"
)
@click.option("--release", is_flag=True, help="按方案的展示下限隐去小格 / hide small cells, by the plan's rules")
@json_option
def analyse(**arguments: Any) -> None:  # noqa: ANN401
    """按问卷和评分方案计算各单位得分 / Score every unit by questionnaires and a plan, from files alone."""
    _run("analyse", **arguments)
