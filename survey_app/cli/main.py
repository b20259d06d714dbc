"""The `pingyi` command. Groups are loaded when called, so that offline commands do not pay for the web."""

import importlib
import sys
from typing import Any

import click

from survey_app.errors import AppError, BadInput

# command -> module with an attribute `group` (or, for single commands, `command`)
_COMMANDS = {
    "questionnaire": "questionnaire:group",
    "plan": "questionnaire:plan_group",
    "campaign": "campaign:group",
    "codes": "codes:group",
    "jobs": "jobs:command",
    "account": "account:group",
    "audit": "account:audit_group",
    "score": "scores:score",
    "rehearse": "rehearse:command",
    "verify": "scores:verify",
    "reliability": "statistics.commands:reliability",
    "quality": "statistics.commands:quality",
    "agreement": "statistics.commands:agreement",
    "raters": "statistics.commands:raters",
    "ranks": "statistics.commands:ranks",
    "analyse": "statistics.commands:analyse",
    "database": "database:group",
    "import": "import_answers:command",
    "serve": "serve:command",
    "close": "campaign:close",
    "backup": "upkeep:backup_command",
    "restore": "upkeep:restore_command",
    "recover": "upkeep:recover_command",
    "recovery-key": "upkeep:recovery_key",
    "demo": "demo.command:command",
    "draw": "draw:command",
}


REFUSED_TO_SERVE = 78  # EX_CONFIG of sysexits


class NoDatabase(AppError):
    """The database cannot be reached, or has no tables yet."""

    code, status = "no_database", 500
    zh = (
        "数据库无法使用（{why}）。请核对 PINGYI_HOME 和 PINGYI_DATABASE_URL；"
        "新装的系统请先运行 pingyi database upgrade。"
    )
    en = (
        "The database cannot be used ({why}). Check PINGYI_HOME and PINGYI_DATABASE_URL; "
        "on a new installation run pingyi database upgrade first."
    )


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        target = _COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, attribute = target.split(":")
        command: click.Command = getattr(importlib.import_module(f"survey_app.cli.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        try:
            return super().invoke(ctx)
        except BadInput as error:
            for finding in error.findings:
                click.echo(str(finding), err=True)
            raise _refusal(error, ctx) from None
        except AppError as error:
            raise _refusal(error, ctx) from None
        except Exception as error:
            if not _is_of_the_database(error):
                raise
            why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise _refusal(NoDatabase(why=why), ctx) from None


def _is_of_the_database(error: Exception) -> bool:
    # Looked up, not imported: commands that need no database do not load it.
    known = sys.modules.get("sqlalchemy.exc")
    return known is not None and isinstance(
        error, known.OperationalError | known.ProgrammingError | known.ArgumentError
    )


def _refusal(error: AppError, ctx: click.Context) -> click.ClickException:
    refused = click.ClickException(f"{error.message('zh')}\n{error.message('en')}")
    # A service that refused to start is not started again and again: deploy/systemd tells these codes from a crash.
    code = REFUSED_TO_SERVE if ctx.invoked_subcommand == "serve" else error.exit_code
    refused.exit_code = code  # type: ignore[misc]  # click reads it from the exception, wherever it stands
    return refused


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pingyi")
def main() -> None:
    """Pingyi 评议: 问卷、匿名收集、可核验的评分 / questionnaires, anonymous collection, scores that can be checked."""


if __name__ == "__main__":
    main()
