"""The shipped settings as they are, of nginx, granian, gunicorn and PostgreSQL; only addresses and folders are ours."""

import datetime
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import Cluster

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ADDRESS = "127.213.145.167"  # of the phone: loopback, and not the server's own


class ShippedCluster(Cluster):
    """PostgreSQL with deploy/postgresql/pingyi.conf included, as Debian's conf.d does."""

    def _run(self, program: str, *arguments: str) -> str:
        if program == "pg_ctl" and "start" in arguments:
            settings = self._folder / "data" / "pingyi.conf"
            shutil.copy(DEPLOY / "postgresql" / "pingyi.conf", settings)
            settings.chmod(0o644)
            with (self._folder / "data" / "postgresql.conf").open("a") as file:
                file.write("\ninclude 'pingyi.conf'\n")
        return super()._run(program, *arguments)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def certificate(folder: Path) -> tuple[Path, Path]:
    """For this machine, for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


def nginx_files(folder: Path, port: int, upstream: int, changes: Mapping[str, str] | None = None) -> Path:
    """A whole nginx.conf around the shipped site. changes: of its text, for controls."""
    folder.mkdir()
    chain, private = certificate(folder)
    site = (DEPLOY / "nginx" / "pingyi.conf").read_text()
    ours = {
        "/etc/ssl/pingyi/fullchain.pem": str(chain),
        "/etc/ssl/pingyi/privkey.pem": str(private),
        "listen 80 ": f"listen 127.0.0.1:{free_port()} ",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream};",
        "server_name pj.example.cn;": "server_name 127.0.0.1;",
    }
    for old, new in (ours | dict(changes or {})).items():
        assert old in site, old
        site = site.replace(old, new)
    (folder / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # As Debian's own nginx.conf: both logs on until the site turns them off.
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\nworker_processes 1;\ndaemon off;\npid {folder}/pid;\n"
        f"error_log {folder}/error.log info;\nevents {{}}\nhttp {{\n{temporary}access_log {folder}/access.log;\n"
        f"include {folder}/site.conf;\n}}\n"
    )
    return folder / "nginx.conf"


@contextmanager
def running(command: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, everything that it says in `log`; ended with what it started."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=dict(environment), cwd=ROOT, start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def server_command(kind: str, port: int, application: str = "wsgi:app") -> list[str]:
    """`pingyi serve`, or gunicorn with the shipped file."""
    if kind == "granian":
        return [sys.executable, "-m", "survey_app.cli.main", "serve", "--port", str(port), "--workers", "1"]
    return [sys.executable, "-m", "gunicorn", "-c", str(DEPLOY / "gunicorn.conf.py"), "-w", "1", application]


def children(pid: int) -> list[int]:
    """Processes that this one started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


class Phone:
    """Sends what a real phone sends about itself, and more."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.port = port
        self.headers = headers

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Status, where to, and the page; 0 where the connection broke."""
        # The certificate is our own, made a moment ago.
        context = ssl._create_unverified_context()
        line = HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context, source_address=(ADDRESS, 0))
        try:
            line.request(method, path, body, dict(self.headers) | dict(headers or {}))
            answer = line.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException):
            return 0, "", ""
        finally:
            line.close()

    def raw(self, content: bytes) -> None:
        """Bytes as they are, and the line cut after them."""
        context = ssl._create_unverified_context()
        with (
            socket.create_connection(("127.0.0.1", self.port), 20, source_address=(ADDRESS, 0)) as plain,
            context.wrap_socket(plain) as line,
        ):
            line.sendall(content)
            line.settimeout(0.3)
            try:
                line.recv(1000)
            except OSError:
                return

    def wait(self, seconds: float = 90) -> None:
        """Until the program answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.request("GET", "/favicon.ico")[0] == 204:
                return
            time.sleep(0.2)
        raise TimeoutError("the server did not come up")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
