// Sends each session of NAME to a container of its own. A container that has slept begins anew: a session and its files
// last as long as its container is used, within sleepAfter.
import { Container } from "@cloudflare/containers";

// The secrets of this Worker that the containers get.
const variables = VARIABLES;

export class Flue extends Container {
  defaultPort = 3000;
  sleepAfter = "30m";
  pingEndpoint = "localhost/health";
  entrypoint = ["/NAME", "serve", "--address", "0.0.0.0:3000"];

  constructor(ctx, env) {
    super(ctx, env);
    this.envVars = Object.fromEntries(variables.filter((name) => env[name]).map((name) => [name, env[name]]));
  }
}

// A run that names no session gets one here, so that what asks about it finds its container. Requests about a run, which
// have no session in their path, name it: /runs/ID?session=AGENT/SESSION. All others go to one container, called main.
export function route(request) {
  const url = new URL(request.url);
  const [, root, agent, session] = url.pathname.split("/");
  if (root === "agents" && agent && !session && request.method === "POST") {
    url.pathname = `/agents/${agent}/${crypto.randomUUID()}`;
    return route(new Request(url, request));
  }
  if (root === "agents" && agent && session) {
    return { container: decodeURIComponent(`${agent}/${session}`), request };
  }
  return { container: url.searchParams.get("session") ?? "main", request };
}

export default {
  fetch(original, env) {
    const { container, request } = route(original);
    return env.FLUE.getByName(container).fetch(request);
  },
};
