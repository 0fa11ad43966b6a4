from .inner.tools import absolute
