"""What a phone loads for a questionnaire of twenty items: bytes as sent, and how many requests Chromium makes."""

import gzip
import re
import tempfile

from bench.campaign import make_campaign
from survey_app.app import create_app
from survey_app.config import Config


def run() -> None:
    """Ask the application itself, without a network in between."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        environment = {"PINGYI_HOME": folder}
        doors = make_campaign(environment, codes=1)
        app = create_app(Config.from_environment(environment))
        client = app.test_client()
        page = client.post("/q", data={"code": doors.codes[0], "begin": "1"}).data
        parts = {"page": page}
        for address in sorted(set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', page))):
            with client.get(address.decode()) as answer:
                parts[address.decode().split("?")[0]] = answer.data
        app.extensions["pingyi"].database.engine.dispose()
    total = 0
    for name, body in parts.items():
        packed = len(gzip.compress(body, 6))
        total += packed
        print(f"  {name:24} {len(body):7} bytes, {packed:6} gzip")
    print(f"  {len(parts)} requests (and at most one for an icon), {total} bytes gzip in all; the limit is 14000")
