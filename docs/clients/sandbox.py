"""A sandbox for Python: run(script, …) returns {"stdout", "stderr", "code"}."""
import json
import subprocess

flue = subprocess.Popen(["flue", "sh", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

def run(script, **request):
    print(json.dumps({"script": script, **request}), file=flue.stdin, flush=True)
    return json.loads(flue.stdout.readline())

reply = run("sort names | head -n 1", files={"/workspace/names": "Grace\nAda\n"})
print(reply["stdout"].strip(), reply["code"])
flue.stdin.close()
