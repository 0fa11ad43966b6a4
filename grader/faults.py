"""Whose fault it was: exceptions that are never mixed."""

from __future__ import annotations


class StudentFault(AssertionError):
    """The student's code did this, and it costs the check it happened in; the text is written for
    the student.
    """


class BoxKilled(StudentFault):
    """A box ended by SIGKILL: perhaps by the student's code, perhaps by the kernel or by a
    person; so it is tried again.
    """


class WaitedTooLong(StudentFault):
    """The student's code was waited for until the wall-clock limit of a request."""


class ComputedTooLong(StudentFault):
    """The student's code had computed for as long as a request allows."""


class SandboxFault(Exception):
    """The sandbox failed, through no fault of the student, and it costs nobody anything."""


class SandboxUnavailable(Exception):
    """This machine cannot isolate student code well enough; the text says what is missing and what
    to do.
    """


class GraderFault(Exception):
    """The grader itself failed; the text says at what, and what to do."""


class ChecksFault(GraderFault):
    """The hidden checks cannot be collected: nothing can be graded."""


class reading_a_reply:
    """Whatever goes wrong while a reply from the box is looked at is the fault of the code that may
    have written it.
    """

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, (AssertionError, SandboxFault)):
            raise StudentFault(
                f"sent back something that cannot be read ({type(error).__name__})."
            ) from error
