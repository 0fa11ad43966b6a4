"""Whose fault something was, the student's or the grader's: exceptions, and kinds of failures."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is the matter with a check that is not passed."""

    WRONG = "wrong"  # a value, or what was done to get it, is not what was promised
    PARTIAL = "partial"  # a result that keeps part of the points
    RAISED = "raised"  # an exception, but for those below
    OUT_OF_MEMORY = "out_of_memory"
    NOT_PYTHON = "not_python"  # Python cannot read the file
    ENDLESS = "endless"  # a function does not return, or does the same over and over
    ENDED = "ended"  # the process of the student's code has ended
    MISSING_FILE = "missing_file"
    FAULT = "fault"  # any other fault of the code as a program, such as a missing function
    NOT_TRIED = "not_tried"  # the check builds on another one, which is not passed
    NOT_JUDGED = "not_judged"  # the grader failed, not the student
    UNKNOWN = "unknown"  # a report of an earlier version, which kept the message alone


class StudentFault(AssertionError):
    """The student's code did this, and the check in which it happened fails.

    The text is written for the student.
    """

    kind = Kind.FAULT

    def __init__(self, message: str, kind: Kind | None = None) -> None:
        super().__init__(message)
        self.kind = kind or self.kind


class BoxKilled(StudentFault):
    """A box was ended by SIGKILL: by the student's code, the kernel or a person.

    Nobody can tell which, so the check is tried once more.
    """

    kind = Kind.ENDED


class WaitedTooLong(StudentFault):
    """The student's code did not return within the wall-clock limit of a request."""

    kind = Kind.ENDLESS


class ComputedTooLong(StudentFault):
    """The student's code used up the CPU time that a request allows."""

    kind = Kind.ENDLESS


def kind_of(failure: BaseException) -> Kind:
    """What is the matter with a check that raised this, an AssertionError."""
    return getattr(failure, "kind", Kind.WRONG)


class SandboxFault(Exception):
    """The sandbox failed, through no fault of the student: the check is not judged."""


class SandboxUnavailable(Exception):
    """This machine cannot isolate student code well enough.

    The text says what is missing, and what to do.
    """


class GraderFault(Exception):
    """The grader itself failed; the text says at what, and what to do."""


class ResultsFault(GraderFault):
    """The folder of results cannot be read or written: the disk is full, say. The run ends."""


class ChecksFault(GraderFault):
    """The hidden checks cannot be collected: nothing can be graded."""


class Slips(GraderFault):
    """The course has an author's slips, and nothing is done; the text has one sentence a line."""


class WrongUsage(Exception):
    """What was asked for cannot be done with what was given; the text says why, and what to do."""


class WrongFiles(WrongUsage):
    """Files of the course, or a command's arguments, are wrong; each line of the text names one
    thing, and what to do about it.
    """


class reading_a_reply:
    """While a reply from the box is read, every exception is the student's fault.

    Student code may have written the reply.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, (AssertionError, SandboxFault)):
            raise StudentFault(unreadable(error)) from error


def unreadable(error: Exception) -> str:
    """What to say of a reply that has raised this."""
    return f"sent back something that cannot be read ({type(error).__name__})."
