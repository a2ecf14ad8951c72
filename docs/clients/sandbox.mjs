// A sandbox for JavaScript: run(request) resolves to {stdout, stderr, code}.
import {spawn} from "node:child_process";
import {createInterface} from "node:readline";

const flue = spawn("flue", ["sh", "--jsonl"], {stdio: ["pipe", "pipe", "inherit"]});
const replies = createInterface({input: flue.stdout})[Symbol.asyncIterator]();
export async function run(request) {
  flue.stdin.write(JSON.stringify(request) + "\n");
  return JSON.parse((await replies.next()).value);
}

const reply = await run({script: "sort names | head -n 1", files: {"/workspace/names": "Grace\nAda\n"}});
console.log(reply.stdout.trim(), reply.code);
flue.stdin.end();
