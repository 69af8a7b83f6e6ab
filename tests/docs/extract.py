#!/usr/bin/python3
"""Writes files that a page shows into a folder, so that a test is linked with what a reader takes.

usage: extract.py PAGE FOLDER FILE…
"""
import pathlib
import sys

import markdown


def main(page, folder, *names):
    files = {block.file: block.text for block in markdown.blocks(pathlib.Path(page).read_text())}
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for name in names:
        (pathlib.Path(folder) / name).write_text(files[name])


if __name__ == "__main__":
    main(*sys.argv[1:])
