"""Log lines: one JSON object each, in UTC, without personal data (OWASP logging vocabulary; ASVS 16.2)."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

#: The id of the request being answered, so that all its lines can be found together.
request_id: ContextVar[str] = ContextVar("request_id", default="")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "server_time"}


class JsonFormatter(logging.Formatter):
    """What the caller put into `extra` becomes members; what Django hangs onto a record (the request) does not.

    Attack stopped: log injection. Line breaks and other controls in any value are escaped by JSON, so one event is one
    line (ASVS 16.4.1). Tracebacks ride along as one member; Django's own never hold local values.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_token(record),
        }
        if current := request_id.get():
            line["request_id"] = current
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def _without_token(record: logging.LogRecord) -> str:
    """Django's own lines name the address of the request; a mailed link's token in it opens what the link opens."""
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    token = match.kwargs.get("token", "") if match else ""
    text = record.getMessage()
    return text.replace(token, "[token]") if token else text
