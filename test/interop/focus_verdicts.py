"""Verdicts of the FinOps Foundation's validator: focus_verdicts.py FILE.csv... prints one JSON object per file.

Runs in the environment of requirements-focus.txt, not in that of the tests.
"""

import json
import os
import sys
import warnings

import focus_validator
import focus_validator.utils.download_currency_codes as currency_codes
from focus_validator.data_loaders.data_loader import DataLoader
from focus_validator.rules.spec_rules import SpecRules
from focus_validator.validator import DEFAULT_VERSION_SETS_PATH

warnings.filterwarnings('ignore')
# The package looks for its own list below the current folder.
currency_codes.CURRENCY_CODE_CSV_PATH = os.path.join(os.path.dirname(focus_validator.__file__), 'utils',
                                                     'currency_codes.csv')
for file in sys.argv[1:]:
    rules = SpecRules(None, DEFAULT_VERSION_SETS_PATH, '1.0', None)
    rules.load()
    checked = rules.validate(DataLoader(file).load()).checklist
    print(json.dumps({rule: entry.status.value for rule, entry in checked.items()}))
