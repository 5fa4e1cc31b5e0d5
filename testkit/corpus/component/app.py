import json
import sys
from wit_world import exports


class Run(exports.Run):
    def run(self):
        words = sorted(sys.argv[1:])
        print(json.dumps({"words": words, "sum": sum(i * i for i in range(1000)), "big": 2**200}))
