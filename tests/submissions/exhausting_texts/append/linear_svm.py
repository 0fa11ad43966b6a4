def svm_loss_naive(W, X, y, reg):
    text = "é" * (10 << 20)
    return {text: type(text, (), {})(), "value": text}
