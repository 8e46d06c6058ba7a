"""A what-if worked out in a process of its own: `python -m services.coordination.whatif`. The question comes as JSON, so does the answer."""

from __future__ import annotations

import sys

from services.coordination.whatif import wire
from services.coordination.whatif.answers import answer

if __name__ == "__main__":
    asked = wire.QUESTION.validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(wire.ANSWER.dump_json(answer(asked.zone, asked.changes, asked.weeks)))
