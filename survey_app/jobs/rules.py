"""What may go wrong with background work."""

from survey_app.errors import AppError

# A job that takes its process down with it, or fails without a reason that can be told, is not tried for ever.
MOST_ATTEMPTS = 3


class GaveUp(AppError):
    """A job ended unexpectedly several times."""

    code, status = "job_gave_up", 500
    zh = "后台程序多次意外中断（{why}），已停止重试。已完成的步骤有效；请联系管理员查看服务器日志后重新提交。"
    en = (
        "The background process broke off several times ({why}) and stopped trying. Finished steps stand; "
        "ask an administrator to look into the server's log, then hand the work in again."
    )


class AlreadyWorking(AppError):
    """A second process for background work was started."""

    code, status = "already_working", 409
    zh = "本系统的后台程序已经在运行，不需要再启动一个。"
    en = "The process for background work of this installation is already running; a second one is not needed."


class CannotGoOn(AppError):
    """The process for background work lost the database, or the lock that says that it is alone."""

    code, status = "jobs_cannot_go_on", 503
    zh = (
        "后台程序连不上数据库，或数据库重启后已失去独占锁（{why}），现在结束。"
        "未完成的任务会由下一个后台程序接着做：pingyi serve 会自动重新启动它，其他部署方式请重新运行 pingyi jobs。"
    )
    en = (
        "The process for background work cannot reach the database, or lost its lock when the database was restarted "
        "({why}), and ends. The next one takes up what is unfinished: pingyi serve starts it by itself; "
        "elsewhere run pingyi jobs again."
    )
