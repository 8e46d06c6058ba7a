"""Structured logs: one canonical line per batch handled; JSON unless a person is watching. Never a payload."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict


def configure(level: str) -> None:
    """Set up logging for this process."""
    watched = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _where_it_failed,
            structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr) if watched else structlog.BytesLoggerFactory(file=sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OfLibraries())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("aiokafka").setLevel(logging.ERROR)


class OfLibraries(logging.Formatter):
    """What libraries log, as a line of the same shape: whatever they were sent cannot begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower(), "timestamp": at}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return orjson.dumps(line).decode()


def _where_it_failed(_: Any, __: str, line: EventDict) -> EventDict:
    """An exception as its class and the places it passed, without its message: that may repeat what somebody sent."""
    if line.pop("exc_info", None) and (error := sys.exception()):
        frames = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__name__
        line["trace"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
    return line
