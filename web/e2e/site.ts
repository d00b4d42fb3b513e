// A server of the program over a project's folder, and how a browser and a program sign in to it.
import { execFileSync, spawn } from "node:child_process";

export interface Site {
  readonly base: string;
  readonly cookie: { name: string; value: string };
  readonly bearer: string;
  readonly folder: string;
  readonly program: string;
}

export interface StartedSite {
  readonly site: Site;
  readonly pid: number;
  readonly stop: () => void;
}

const kBearer = "e2e-0123456789abcdef0123456789abcdef";

export function programOf(): string {
  const program = process.env["BULLION"];
  if (program === undefined) throw new Error("BULLION must name the program, for instance build/release/bullion");
  return program;
}

/** Runs the program and waits; what it says on stderr is shown. */
export function runner(program: string): (args: readonly string[], cwd?: string) => void {
  return (args, cwd) => {
    execFileSync(program, [...args], { ...(cwd === undefined ? {} : { cwd }), stdio: ["ignore", "ignore", "inherit"] });
  };
}

interface Ready {
  readonly url: string;
  readonly token: string;
}

async function signIn(base: string, token: string): Promise<Site["cookie"]> {
  const answer = await fetch(`${base}/api/v1/session`, {
    method: "POST", headers: { "content-type": "application/json", origin: base }, body: JSON.stringify({ token }),
  });
  const cookie = /^([^=]+)=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "");
  if (cookie === null) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
  return { name: cookie[1] ?? "", value: cookie[2] ?? "" };
}

export async function startSite(program: string, folder: string): Promise<StartedSite> {
  const server = spawn(program, ["--json", "serve", "--port", "0", "--no-schedule"], {
    cwd: folder, env: { ...process.env, BULLION_TOKEN: kBearer }, stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = await new Promise<Ready>((resolve, reject) => {
    let said = "";
    server.on("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${said}`)));
    server.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const line = said.split("\n").find((each) => each.startsWith("{") && each.endsWith("}"));
      if (line !== undefined) resolve(JSON.parse(line) as Ready);
    });
  });
  const base = ready.url.replace(/\/$/, "");
  const cookie = await signIn(base, ready.token);
  return {
    site: { base, cookie, bearer: kBearer, folder, program },
    pid: server.pid ?? 0,
    stop: () => {
      server.removeAllListeners("exit");
      server.kill("SIGTERM");
    },
  };
}
