"""What keeps the program from starting: each is a promise that could not be kept, with what to do about it."""

from survey_app.errors import AppError


class NewerDatabase(AppError):
    """A later version of the program has been here."""

    code, status = "newer_database", 500
    zh = "数据库的结构是 {found}，比本程序（{newest}）新：用更新的版本升级过。请换回那个版本的程序。"
    en = "The database has schema {found}, newer than this program ({newest}). Use the version that upgraded it."


class KeepsReplayableLog(AppError):
    """SQLite in WAL mode: its log can be replayed commit by commit, which links codes and answers."""

    code, status = "keeps_replayable_log", 500
    zh = (
        "数据库 {path} 存有填答码，却处于 WAL 模式或带有 {path}-wal、-shm 文件："
        "逐笔重放这份日志可以把填答码和答卷连起来。"
        "请停止所有使用它的程序，查明是谁改的，再运行：sqlite3 {path} 'PRAGMA journal_mode=TRUNCATE; VACUUM;' "
        "仍有 -wal、-shm 文件时删除它们。此前若有人复制过这些文件，请按泄露处理。"
    )
    en = (
        "The database {path} holds access codes and is in WAL mode, or has a {path}-wal or -shm file beside it: that "
        "log can be replayed commit by commit and links codes to answers. Stop every program that uses it, find out "
        "who changed it, then run: sqlite3 {path} 'PRAGMA journal_mode=TRUNCATE; VACUUM;' and remove -wal and -shm "
        "files that are left. Where somebody copied those files before, treat it as a breach."
    )


class DatabaseLogsStatements(AppError):
    """PostgreSQL writes statements or their values into its own log."""

    code, status = "database_logs_statements", 500
    zh = (
        "PostgreSQL 的设置会把填答语句写进它的日志：{settings}。"
        "请按 deploy/postgresql/pingyi.conf 修改并重新加载，然后再启动。"
    )
    en = (
        "PostgreSQL is set to write statements of respondents into its log: {settings}. "
        "Change them as in deploy/postgresql/pingyi.conf, reload, and start again."
    )


class KeysMissing(AppError):
    """Sealed answers wait, and the folder of their keys is not there."""

    code, status = "keys_missing", 500
    zh = (
        "票箱里有等待入库的答卷，但密钥文件夹 {path} 不存在（可能是磁盘没有挂载，或 PINGYI_KEY_DIR 写错了）。"
        "请先挂载或改正；如果密钥确实丢了，请手工建立这个空文件夹再启动，相关投放会暂停，读不出的份数会显示。"
    )
    en = (
        "Sealed answers wait, but the folder of their keys, {path}, does not exist (a disk that is not mounted, or a "
        "wrong PINGYI_KEY_DIR). Mount or correct it. If the keys are really lost, make the empty folder by hand and "
        "start: the collectors concerned are paused, and how many answers cannot be read is shown."
    )


class BadKeyFolder(AppError):
    """Box keys would lie where they do not belong."""

    code, status = "bad_key_folder", 500
    zh = "密钥文件夹 {path} 不能用：{why_zh}。请改正后再启动。"
    en = "The key folder {path} cannot be used: {why_en}. Then start again."


class OpenToOthers(AppError):
    """A secret that other accounts of the host can read."""

    code, status = "open_to_others", 500
    zh = "{path} 可以被本机其他账号读取。请运行 chmod {mode} {path}；如果可能已被读过，请先换新的，再启动。"
    en = (
        "{path} can be read by other accounts of this host. Run chmod {mode} {path}; where it may have been read, "
        "replace it first."
    )


class NotHttps(AppError):
    """Codes and answers would travel in clear."""

    code, status = "not_https", 500
    zh = (
        "轮次 {campaigns} 用填答码或名单收集，正在开放，但对外网址 {url} 不是 https。"
        "请把 PINGYI_PUBLIC_URL 改为 https 网址（须与已印卡片一致），或先关闭这些轮次。"
    )
    en = (
        "The campaigns {campaigns} collect by access codes or lists and are open, but the public address {url} is not "
        "https. Set PINGYI_PUBLIC_URL to the https address (the one on the printed cards), or close them first."
    )


class ClockWentBack(AppError):
    """The clock stands before what the audit log has seen."""

    code, status = "clock_went_back", 500
    zh = "本机时钟是 {now}，早于最近一条审计记录（{last}）。请先校准时钟（如 timedatectl），再启动。"
    en = (
        "This host's clock says {now}, before the newest audit entry ({last}). "
        "Set the clock first (timedatectl), then start."
    )


class NoFileLocks(AppError):
    """A file system on which two processes would not wait for each other."""

    code, status = "no_file_locks", 500
    zh = (
        "{path} 所在的文件系统不支持文件锁（{why}），多个进程会互相覆盖。请放到本机磁盘（ext4、xfs 等），不要用网络盘。"
    )
    en = (
        "The file system of {path} has no file locks ({why}), so that processes would write over each other. "
        "Use a disk of this host (ext4, xfs), not a network share."
    )
