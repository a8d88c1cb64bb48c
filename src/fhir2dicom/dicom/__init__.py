"""Frames to Part 10: the only room below the doors that knows pydicom. Read `write` first.

write.py     frames and plan -> instances      modules/     one function a module of PS3.3
header.py    the fast header                   values.py    values made fit for their VR
text.py      names and texts from outside      codes.py     codes of FHIR as code sequences
validate.py  dciodvfy and dcentvfy as data     compare.py   what FHIR said against what was written

A new modality names its modules as strings; a new module is one function under ``modules``.
"""
