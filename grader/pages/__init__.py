"""What people read: the feedback page of a student, the overview, the class page. Self-contained
HTML, no network.

May import `diagnosis` and below. `templates/` holds HTML and style sheets.

    student_page.py    the page of a student, and the overview
    class_page.py      the page on a class
    class_rows.py      what the class page needs of each report
    class_figures.py   its figures
    pictures.py        pictures beside messages: wrong entries, loss curves
    writing.py         a file is written whole or not at all
"""
