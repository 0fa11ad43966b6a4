from .tools import square
