"""openaudit: how open is an "open source AI" model really?"""

__version__ = "0.1.0"
