"""timed.py FILE NAME COMMAND...: runs a command, appends `name, seconds, peak MiB` to a file."""

import os
import resource
import subprocess
import sys
import time

begin = time.monotonic()
code = subprocess.call(sys.argv[3:])
seconds = time.monotonic() - begin
# ru_maxrss is the largest of the waited-for children, in KiB on Linux; there was one.
peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
with open(sys.argv[1], 'a', encoding='utf-8') as file:
    file.write(f'{sys.argv[2]}\t{seconds:.3f}\t{peak_mib:.0f}\n')
os._exit(code)
