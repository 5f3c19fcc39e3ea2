"""README and the pages that it leads to, in the order that they are read"""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# what one makes, the next may use
PAGES = ("settings", "clouds", "notifications", "encryption", "schedules",
         "years", "merge", "types", "incremental", "masks", "query")


def readme():
    with open(os.path.join(ROOT, "README.md")) as file:
        return file.read()


def page(name):
    with open(os.path.join(ROOT, "docs", name + ".md")) as file:
        return file.read()


def text():
    """All of them"""
    return "\n".join([readme(), *map(page, PAGES)])


def blocks():
    """(language, text) of the code blocks, in order."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text(), re.S | re.M)
