"""report.py FILE: the measured times as ratios, against the bounds the project set itself."""

import sys

measured = {}
with open(sys.argv[1], encoding='utf-8') as file:
    for line in file:
        name, seconds, peak_mib = line.split('\t')
        measured[name] = (float(seconds), float(peak_mib))

print(f'{"what":<14} {"seconds":>9} {"peak MiB":>9}')
for name, (seconds, peak_mib) in measured.items():
    print(f'{name:<14} {seconds:>9.2f} {peak_mib:>9.0f}')
print()


def bound(text, value, limit, form):
    print(f'{"ok  " if value <= limit else "OVER"}  {text:<52} {form.format(value):>9}  (at most {form.format(limit)})')


full = measured['full'][0]
bound('first run against the script by hand', full / measured['peer'][0], 1.6, '{:.2f}x')
bound('late file of 10,000 events in 3 days, of the first run', 100 * measured['late'][0] / full, 8, '{:.1f} %')
bound('nothing new', measured['nothing_new'][0], 0.5, '{:.2f} s')
bound('peak memory of the first run', measured['full'][1] / 1024, 3, '{:.2f} GiB')
bound('with --memory-limit 1GiB, against the first run', measured['small_memory'][0] / full, 4, '{:.2f}x')
if 'large' in measured:
    bound('three times the events, against the first run', measured['large'][0] / full, 3.3, '{:.2f}x')
