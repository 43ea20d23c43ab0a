"""The command line: what it writes to the log."""

import json
import subprocess
import sys

_LOGGING = """
import logging
import structlog
from server.cli import configure_logs

configure_logs(logging.INFO)
structlog.get_logger().info("ours", port=1)
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger().exception("ours.failed")
    logging.getLogger("signaling.port").exception("A defect in %s", "the engine")
logging.getLogger("asyncio").info("Nobody asked.")
"""


def test_whoever_writes_to_the_log_writes_json_a_line() -> None:
    run = subprocess.run(
        [sys.executable, "-c", _LOGGING], capture_output=True, text=True, check=True, timeout=30
    )

    lines = [json.loads(line) for line in run.stderr.splitlines()]

    assert [(line["level"], line["event"]) for line in lines] == [
        ("info", "ours"),
        ("error", "ours.failed"),
        ("error", "A defect in the engine"),
    ]
    assert all("ZeroDivisionError" in line["exception"] for line in lines[1:])
