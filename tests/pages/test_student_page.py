"""The feedback page: what to do next comes first, what is found and what to try are apart, and it
stays small.
"""

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise

import pytest

from cs231n_utils.exercises import EXERCISES
from grader.course.final import Final
from grader.pages.student_page import class_page, student_page
from grader.report import (
    Check,
    ErrorMap,
    ExerciseReport,
    Failure,
    Kind,
    LossCurve,
    Report,
    Verdict,
)
from tests.support.course_copy import made_up_report
from tests.support.local_student import grade_locally, solution

PASSED = Check("shapes", "The shapes are right.", Verdict.PASSED, 1, 1)
WRONG = Check(
    "loss",
    "The loss is right.",
    Verdict.FAILED,
    0,
    2,
    Failure(Kind.WRONG, "svm_loss_naive", "loss", "loss is wrong.", "Look at the margin."),
)
BLOCKED = Check(
    "sizes",
    "All sizes work.",
    Verdict.FAILED,
    0,
    1,
    Failure.not_tried("The loss is right."),
)
WAITING = Check(
    "inputs",
    "Inputs stay.",
    Verdict.NOT_JUDGED,
    0,
    1,
    Failure.not_judged("KeyError"),
)
LARGEST = 300_000  # bytes of a page, whatever was handed in


def report(**exercises: tuple[Check, ...]) -> Report:
    return Report(
        "ann",
        "A",
        tuple(
            ExerciseReport(name, EXERCISES[name].notebook, checks)
            for name, checks in exercises.items()
        ),
    )


def words(page: str) -> str:
    """What a reader sees, in order, white space folded."""
    return " ".join(
        unescape(
            re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
        ).split()
    )


def test_the_next_step_is_the_first_check_that_was_tried_and_is_not_passed():
    page = words(
        student_page(
            report(
                rel_error=(PASSED,),
                svm_loss_naive=(PASSED, WRONG, BLOCKED),
                softmax_loss_naive=(WRONG,),
            )
        )
    )
    step = page[page.index("Next step") : page.index("1_gradient_check:")]
    assert (
        step
        == "Next step: svm_loss_naive Not yet: The loss is right. loss is wrong. Hint: Look at the"
        ' margin. Change it in cs231n_utils/linear_svm.py and run check("svm_loss_naive") in'
        " 2_svm.ipynb . After that: softmax_loss_naive . "
    )


def test_a_model_is_saved_anew_where_no_function_is_to_be_changed():
    page = words(student_page(report(**{"best_model.npz": (WRONG,)})))
    assert 'Save a better one and run check("best_model.npz") in 5_optimization.ipynb' in page


def test_links_lead_to_the_exercises_that_follow_and_a_few_are_enough():
    page = student_page(report(**dict.fromkeys(EXERCISES, (WRONG,))))
    links = re.findall(r'href="#([^"]+)"', page)
    assert links == list(EXERCISES)[1:5] and all(page.count(f'id="{link}"') == 1 for link in links)
    assert f"and {len(EXERCISES) - 5} more" in words(page)


@pytest.mark.parametrize(
    "checks, says", [((PASSED,), "All checks are passed"), ((PASSED, WAITING), "costs you nothing")]
)
def test_who_has_nothing_to_do_is_told_so(checks, says):
    page = words(student_page(report(svm_loss_naive=checks)))
    assert says in page and "Next step" not in page and "not yet" not in page


def test_what_could_not_be_judged_is_no_fault_and_shows_no_detail():
    page = student_page(report(svm_loss_naive=(WAITING, WRONG)))
    assert "some checks could not be judged, which costs you nothing" in words(page)
    assert (
        "svm_loss_naive 0 of 3 so far" in words(page)
        and "not judged – / 1" in words(page)
        and "KeyError" not in page
    )
    assert words(page).index("Next step: svm_loss_naive Not yet: The loss is right.") > 0, (
        "that one is not the student's to mend"
    )


def test_finding_and_hint_are_apart_and_the_message_is_whole():
    page = student_page(report(svm_loss_naive=(WRONG,)))
    told = (
        '<p class="message">loss is wrong.</p>\n<p class="hint"><strong>Hint:</strong> Look at the'
        " margin.</p>"
    )
    assert page.count(told) == 2, "in the next step, and at its check"
    assert WRONG.message == "svm_loss_naive: loss is wrong. Look at the margin."


def test_a_better_sentence_breaks_no_page():
    """What was tried, found and advised is told by data, whatever the texts are."""
    texts = Failure.not_tried("x").finding, "svm_loss_naive: ", "Hint: "
    odd = replace(WRONG, failure=Failure(Kind.WRONG, "svm_loss_naive", "", "".join(texts), "-"))
    waits = replace(BLOCKED, failure=Failure(Kind.NOT_TRIED, finding="Later."))
    page = words(student_page(report(svm_loss_naive=(odd, waits))))
    assert page.count("".join(texts)) == 2 and page.count("Hint: -") == 2
    assert odd.tried and not waits.tried and page.count("not tried 0 / 1") == 1


def test_what_was_not_tried_is_explained_once():
    page = words(student_page(report(svm_loss_naive=(WRONG, BLOCKED, BLOCKED))))
    assert (
        page.count("not tried") == 3
        and page.count("What is not tried builds on a check that is not passed yet.") == 1
    )


def test_headings_are_in_order_and_complete_exercises_are_folded():
    page = student_page(made_up_report("ann", share=0.5, exercises=("rel_error", "svm_loss_naive")))
    page += student_page(made_up_report("bob"))
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert (
        page.count("<details>") == len(EXERCISES)
        and "open" not in re.findall(r"<details[^>]*>", page)[0]
    )


@pytest.mark.parametrize(
    "times, exercises",
    [
        (1, {"svm_loss_naive": (WRONG,), "svm_loss_vectorized": (WRONG,)}),
        (1, {"svm_loss_naive": (PASSED,), "svm_loss_vectorized": (WRONG,)}),
        (0, {"svm_loss_naive": (PASSED,), "softmax_loss_naive": (WRONG,)}),
        (0, {"svm_loss_naive": (replace(WRONG, name="penalty"),)}),
    ],
)
def test_the_hinge_is_drawn_once_beside_the_first_svm_loss_that_is_wrong(times, exercises):
    page = student_page(report(**exercises))
    assert page.count('aria-label="The hinge"') == times
    assert not times or page.index("The hinge") < page.index(
        "</ul>", page.index('<ul class="checks">')
    )


@pytest.mark.parametrize(
    "picture", [ErrorMap("dW", ("+-x0.",) * 12), LossCurve((3.0, 2.0, 1.5, 1.0), 4)]
)
def test_each_picture_has_a_name_and_words_beside_it(picture):
    page = student_page(
        report(
            softmax_loss_naive=(Check("gradient", "Title.", Verdict.FAILED, 0, 1, picture=picture),)
        )
    )
    figure = page[page.index("<figure>") : page.index("</figure>")]
    assert re.search(r'<svg role="img" aria-label="[^"]+"', figure)
    assert len(words(figure[figure.index("<figcaption>") :])) > 60


def loud(*args, **kwargs):
    raise ValueError("<&>" * 2_000)


def test_the_page_says_with_what_the_code_ran():
    one = report(rel_error=(PASSED,))
    assert "Your code ran with" not in words(student_page(one))
    run = replace(one, versions="Python 3.11.7 and NumPy 2.4.6")
    assert words(student_page(run)).endswith("Your code ran with Python 3.11.7 and NumPy 2.4.6.")


def test_a_page_stays_small_whatever_a_student_raises():
    (graded,) = grade_locally(
        [solution("ann", {name: loud for name in EXERCISES if name != "best_model.npz"})]
    )
    page = student_page(graded)
    assert page.count("&lt;&amp;&gt;") > 1_000 and len(page.encode()) < LARGEST


def test_a_page_asks_for_nothing_else():
    page = student_page(
        report(
            svm_loss_naive=(WRONG,),
            softmax_loss_naive=(
                Check(
                    "gradient",
                    "Title.",
                    Verdict.FAILED,
                    0,
                    1,
                    picture=ErrorMap("dW", ("+",)),
                ),
            ),
        )
    )
    assert not re.search(r"<(script|link|img|iframe|object)|@import|url\(|src=|https?:", page)


def test_a_notebooks_points_are_those_that_count():
    one = made_up_report("ann")
    points = {each.name: each.points for each in one.exercises} | {"svm_loss_naive": 9.5}
    page = student_page(one, Final("ann", points=points, score=88.5, max_score=90))
    assert "2_svm: 20.5 of 22" in page and "1_gradient_check: 12 of 12" in page


def test_students_are_called_by_name_where_it_is_known():
    one = made_up_report("1002")
    points = {each.name: each.points for each in one.exercises}
    grades = [
        Final("1002", "Ben <b>Ott", points=points, score=90, max_score=90),
        Final("1003", "Cy Unseen"),
        Final("dee", "dee"),
    ]
    assert "for Ben &lt;b&gt;Ott (1002)</p>" in student_page(one, grades[0])
    text = re.sub(
        r"<[^>]*>", "", "".join(class_page(zip(grades, [one, None, None], strict=True), 1, "A"))
    )
    assert "1002 Ben &lt;b&gt;Ott" in text and "1003 Cy Unseen" in text and "dee dee" not in text
