#!/usr/bin/env python3
"""Restores a city that is far behind its counties, and measures how long and how many bytes it takes to be equal.

    recovery.py --terrace PATH [--cases 500] [--seed 1]

A city and a county serve on loopback, over a line that counts its bytes. The county takes in so many cases with five
further acts each, and the city gets all of them: this is what sending everything costs. Then, for 0 %, 99.99 %, 99.9 %
and so on of the change sets: the city's disk is destroyed, a backup that lacks the rest is restored, and it serves
again. Its county compares what both hold, and gives back what is missing.

Each line says how many change sets were missing, the seconds from the city's start until it holds all again, and the
bytes on the line, TLS included. 100,000 change sets are `--cases 16667`; use a release build, and some minutes.
"""
import os
import shutil
import sys
import time

import network
from clients import Desk
from line import Line
from network import CITY, COUNTY, TREE, DrillFailed, Network

ACTS = [{"action": "note", "text": "已核对"}, {"action": "correct", "missing": ["身份证复印件"]},
        {"action": "supplement", "fields": {"form.note": "补正"}}, {"action": "decide", "outcome": "granted"},
        {"action": "deliver"}]
