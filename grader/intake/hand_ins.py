"""Who handed in what, and when: a record for each entry of a download, taken or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class HandIn:
    """One entry of a download, and what became of it.

    student : login or user name where the platform has one, otherwise its id
    platform_id, attachment_id : the platform's own ids, for files that go back to it
    handed_in : with its time zone; None where nobody says it
    late_flag : whether the platform marks the entry as late
    source : the entry's name in the download
    taken : whether it is graded; if not, `note` gives the reason and what would help
    """

    student: str
    name: str = ""
    email: str = ""
    platform: str = ""
    platform_id: str = ""
    attachment_id: str = ""
    handed_in: datetime | None = None
    late_flag: bool = False
    source: str = ""
    taken: bool = True
    note: str = ""
