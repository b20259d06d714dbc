"""The settings of one installation, read from the environment once and then frozen.

Everything that an installation keeps lies under one folder (`PINGYI_HOME`), except box keys where another
`PINGYI_KEY_DIR` is given: key files must be outside the database and outside every backup.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from limits import parse

from survey_app.errors import AppError

_SECRET_BYTES = 32
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class BadSetting(AppError):
    """An environment variable that cannot be used as it stands."""

    code, status = "bad_setting", 500
    zh = "环境变量 {name} 的值无法使用：{why_zh}。"
    en = "The environment variable {name} cannot be used: {why_en}."


@dataclass(frozen=True)
class Config:
    """One installation. `secret` seals capabilities and signs staff sessions; it never leaves the host."""

    home: Path
    database_url: str
    key_directory: Path
    secret: bytes
    public_url: str
    trusted_proxies: int = 0
    open_link_rate: str = "20/minute"
    sign_in_rate: str = "30/minute"
    writer_queue: int = 256
    session_minutes: int = 60
    argon2_time_cost: int = 3
    argon2_memory_kib: int = 65536
    testing: bool = False
    recovery_key: Path | None = None
    font: Path | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether the public address is this machine only (then https is not required)."""
        return (urlsplit(self.public_url).hostname or "") in _LOOPBACK

    @property
    def is_https(self) -> bool:
        """Whether links and cookies may rely on TLS."""
        return urlsplit(self.public_url).scheme == "https"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Config":
        """Read `PINGYI_*`; makes the home folder and the secret file when they do not exist yet."""
        env = os.environ if environment is None else environment
        home = Path(env.get("PINGYI_HOME", "var")).absolute()
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        public_url = env.get("PINGYI_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
        if urlsplit(public_url).scheme not in {"http", "https"} or not urlsplit(public_url).hostname:
            raise BadSetting(
                name="PINGYI_PUBLIC_URL", why_zh="须是完整网址，如 https://pj.example.cn", why_en="give a whole URL"
            )
        return cls(
            home=home,
            database_url=env.get("PINGYI_DATABASE_URL", f"sqlite:///{home / 'pingyi.sqlite3'}"),
            key_directory=Path(env.get("PINGYI_KEY_DIR", home / "keys")).absolute(),
            secret=_secret(env, home),
            public_url=public_url,
            trusted_proxies=_number(env, "PINGYI_TRUSTED_PROXIES", 0),
            open_link_rate=_rate(env, "PINGYI_OPEN_LINK_RATE", "20/minute"),
            sign_in_rate=_rate(env, "PINGYI_SIGN_IN_RATE", "30/minute"),
            writer_queue=_number(env, "PINGYI_WRITER_QUEUE", 256),
            session_minutes=_number(env, "PINGYI_SESSION_MINUTES", 60),
            font=Path(env["PINGYI_FONT"]).absolute() if "PINGYI_FONT" in env else None,
            recovery_key=Path(env["PINGYI_RECOVERY_KEY"]).absolute() if "PINGYI_RECOVERY_KEY" in env else None,
        )


def recovery_key_file(config: Config) -> Path:
    """Where the public half of the recovery key (恢复密钥) lies, when it is set."""
    return config.recovery_key or config.home / "recovery.pub"


def recovery_key_set(config: Config) -> bool:
    """Whether backups hold full boxes, sealed to a key of the commissioning office."""
    return recovery_key_file(config).is_file()


def data_folder(name: str) -> Path:
    """`questionnaires` or `migrations`: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parent
    beside = package.parent / name
    return beside if beside.is_dir() else package / "_data" / name


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, str(default))
    if not text.isdecimal():
        raise BadSetting(name=name, why_zh=f"须是整数，现为“{text}”", why_en=f"a whole number is needed, not “{text}”")
    return int(text)


def _rate(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name, default)
    try:
        parse(text)
    except ValueError:
        why = f"须写成“次数/时间”，如 20/minute，现为“{text}”", f"write it like 20/minute, not “{text}”"
        raise BadSetting(name=name, why_zh=why[0], why_en=why[1]) from None
    return text


def _secret(env: Mapping[str, str], home: Path) -> bytes:
    given = env.get("PINGYI_SECRET_KEY")
    if given is not None:
        if len(given.encode()) < _SECRET_BYTES:
            raise BadSetting(name="PINGYI_SECRET_KEY", why_zh="至少 32 个字节", why_en="at least 32 bytes are needed")
        return given.encode()
    path = home / "secret.key"
    try:
        # O_EXCL: of two processes that start together, one writes the file and the other reads it.
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        secret = secrets.token_bytes(_SECRET_BYTES)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return secret
