"""What people read: the feedback page of a student, the overview of a class, and the class page.

Each page is one HTML file that loads nothing from elsewhere. May import `diagnosis` and the rooms
below it. `templates/` holds HTML and style sheets.

    student_page.py    the page of a student, and the overview
    class_page.py      the class page
    class_counts.py    what it says of the class, counted student by student
    class_rows.py      what the class page needs of each report
    class_figures.py   the figures of the class page
    alike_page.py      pairs of submissions that are alike, side by side
    pictures.py        pictures beside messages: wrong entries, loss curves
    writing.py         writes a file whole or not at all
"""
