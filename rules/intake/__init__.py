"""What a request asks for, who asks, what it answers and what it leaves open (requirements 2.2)."""

from rules.intake.files import Files, sort_files
from rules.intake.reading import read_answer, read_request

__all__ = ["Files", "read_answer", "read_request", "sort_files"]
