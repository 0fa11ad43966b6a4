"""Whose fault it was: exceptions that are never mixed."""

from __future__ import annotations


class StudentFault(AssertionError):
    """The student's code did this, and it costs the check it happened in; the text is written for the student."""


class WorkerKilled(StudentFault):
    """A worker ended by SIGKILL: perhaps by the student's code, perhaps by the kernel or by a person; so it is tried again."""


class SandboxFault(Exception):
    """The sandbox failed, through no fault of the student, and it costs nobody anything."""


class SandboxUnavailable(Exception):
    """This machine cannot isolate student code well enough; the text says what is missing and what to do."""
