"""The modules of PS3.3, one function each; an IOD of a physics names them as strings.

A new module is one more function here, or in a file of its own beside these, under ``@module``.
"""
