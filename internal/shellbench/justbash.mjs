// Runs scripts in just-bash for shellbench: one JSON request a line, one reply a line. A request with a folder makes a new
// instance with its files; one without runs the script once more.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { Bash } from "just-bash";

const unlimited = {
  maxCommandCount: 1e8, maxLoopIterations: 1e8, maxCallDepth: 1000, maxExecutionTimeMs: 600000,
  maxSubstitutionDepth: 1000, maxAwkIterations: 1e9, maxSedIterations: 1e9, maxJqIterations: 1e9,
};
let bash, script;

function open(request) {
  const files = {};
  for (const entry of readdirSync(request.dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files["/work/" + relative(request.dir, path)] = readFileSync(path, "utf8");
    }
  }
  bash = new Bash({ files, cwd: "/work", executionLimits: unlimited });
  script = request.script;
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    const request = JSON.parse(line);
    if (request.dir) {
      open(request);
      reply = {};
    } else {
      const begin = process.hrtime.bigint(), used = process.cpuUsage();
      const r = await bash.exec(script);
      const { user, system } = process.cpuUsage(used);
      reply = { micros: Number(process.hrtime.bigint() - begin) / 1000, cpu: user + system, output: r.stdout };
      if (r.exitCode !== 0 || r.stderr !== "") reply.error = `status ${r.exitCode}: ${r.stderr}`;
    }
  } catch (e) {
    reply = { error: String(e) };
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}
