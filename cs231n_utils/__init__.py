"""Loss functions and optimization: the functions you write, beside the helpers they need.

You write these (each stub says in which notebook):
    gradient_check, linear_svm, softmax, regularization, optimization, linear_classifier

These are complete:
    data       digits, Fashion-MNIST and CIFAR-10, split and preprocessed
    data_files  reads the files of these, once their checksums are right
    get_datasets  python -m cs231n_utils.get_datasets fetches CIFAR-10, with or without bash
    models     LinearSVM and Softmax, which call your loss functions
    check      check("svm_loss_naive") says what passes and what to try next
    hand_in    python -m cs231n_utils.hand_in says what is missing, and packs what you hand in
    export     python -m cs231n_utils.export writes notebooks as pages that everybody can read
    plots      the pictures of the notebooks
    interactive  pictures to move, with sliders and buttons
    notebook   live loss curves, and one clear sentence for what is not written yet
    trial      tries your functions before a picture is made of them
    autoreload loads edited files again before the next cell, and explains a broken one
    expect     the comparisons behind every check
    plain_values  turns results of any type into plain numbers, arrays and containers
    exercises  the list of exercises
    imports    where imports in your files lead, so that files of CS231n work as they are
    advice     what to say about an exception, and about what does not belong into a file
"""

import builtins as _builtins

# In grading another hook is there already.
if type(_builtins.__import__).__name__ != "Hook":
    from cs231n_utils.imports import hidden_modules as _hidden_modules  # before all others

    _hidden_modules.find_pythons_own()

    from cs231n_utils.imports.import_hook import install_in_kit

    install_in_kit(only_what_grading_has=False)
