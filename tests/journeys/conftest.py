from __future__ import annotations

from tests.house import house, sink

__all__ = ["house", "sink"]
