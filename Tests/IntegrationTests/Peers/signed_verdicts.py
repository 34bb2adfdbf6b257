"""fedmsg's verdict of each envelope, one a line in and out: signed_verdicts.py PKI CONFIGURATION FILE >VERDICTS"""

import json
import logging
import sys

from signed_cases import CONFIGURATIONS, Judge

logging.disable(logging.CRITICAL)
judge = Judge(sys.argv[1], CONFIGURATIONS[sys.argv[2]])
with open(sys.argv[3], "rb") as envelopes:
    for text in envelopes:
        print(json.dumps(judge.verdict(json.loads(text)["topic"], text)))
