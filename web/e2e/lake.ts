// One lake and one server for all tests: the sample bills in two batches, generated events, and a file
// with hostile names. BULLION names the program.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    site: Site;
  }
}

export interface Site {
  readonly base: string;
  readonly cookie: { name: string; value: string };
  readonly bearer: string;
  readonly folder: string;
  readonly program: string;
}

export const kHostileService = '<img src=x onerror="document.title=1">';
export const kFormulaAccount = '=HYPERLINK("http://x","y")';

const kBearer = "e2e-0123456789abcdef0123456789abcdef";

function hostileFile(): string {
  const head = "event_id,event_version,tenant_id,account_id,service_name,region,pricing_model,charge_category,charge_class,usage_date,usage_quantity,usage_unit,cost,currency,ingestion_date,is_withdrawn";
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = ["12.340001", "0.000001", "7.50"].map((cost, index) =>
    [`H${index}`, 1, "T1", quoted(kFormulaAccount), quoted(kHostileService), "us-east-1", "on_demand", "Usage", "", `2025-01-0${index + 2}`, 1, "Hours", cost, "USD", "2025-01-09", "false"].join(","));
  const bad = ['H9,1,T1,A1,"<script>alert(1)</script>",us-east-1,on_demand,Usage,,2025-02-30,8,Hours,1.25,USD,2025-01-09,false'];
  return [head, ...rows, ...bad].join("\n") + "\n";
}

/** Under names of their own: generated files are called after the same days. */
function copyInto(from: string, to: string): void {
  for (const name of readdirSync(from)) cpSync(join(from, name), join(to, name.replace("billing-", "billing-sample-")));
}

function makeLake(program: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), "bullion-web-")), "lake");
  const run = (args: string[], cwd?: string): void => {
    execFileSync(program, args, { ...(cwd === undefined ? {} : { cwd }), stdio: ["ignore", "ignore", "inherit"] });
  };
  run(["init", "cloud_cost", folder]);
  const incoming = join(folder, "incoming");
  mkdirSync(incoming, { recursive: true });
  copyInto(join(folder, "samples/batch1"), incoming);
  run(["generate", "cloud_cost", "--events", "30000", "--days", "90", "--seed", "7", "--to", incoming, "--quiet"], folder);
  run(["run", "--quiet"], folder);
  copyInto(join(folder, "samples/batch2"), incoming);
  writeFileSync(join(incoming, "billing-hostile.csv"), hostileFile());
  run(["run", "--quiet"], folder);
  return folder;
}

interface Started {
  readonly process: ChildProcess;
  readonly base: string;
  readonly token: string;
}

function startServer(program: string, folder: string): Promise<Started> {
  const process_ = spawn(program, ["--json", "serve", "--port", "0", "--no-schedule"], {
    cwd: folder, env: { ...process.env, BULLION_TOKEN: kBearer }, stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    process_.on("exit", (code) => reject(new Error(`the server ended with ${String(code)}: ${said}`)));
    process_.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const line = said.split("\n").find((each) => each.startsWith("{") && each.endsWith("}"));
      if (line === undefined) return;
      const { url, token } = JSON.parse(line) as { url: string; token: string };
      resolve({ process: process_, base: url.replace(/\/$/, ""), token });
    });
  });
}

async function signIn(base: string, token: string): Promise<Site["cookie"]> {
  const answer = await fetch(`${base}/api/v1/session`, {
    method: "POST", headers: { "content-type": "application/json", origin: base }, body: JSON.stringify({ token }),
  });
  const cookie = /^([^=]+)=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "");
  if (cookie === null) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
  return { name: cookie[1] ?? "", value: cookie[2] ?? "" };
}

export async function setup(project: TestProject): Promise<() => void> {
  const program = process.env["BULLION"];
  if (program === undefined) throw new Error("BULLION must name the program, for instance build/release/bullion");
  const folder = makeLake(program);
  const started = await startServer(program, folder);
  const cookie = await signIn(started.base, started.token);
  project.provide("site", { base: started.base, cookie, bearer: kBearer, folder, program });
  return () => {
    started.process.removeAllListeners("exit");
    started.process.kill("SIGTERM");
    rmSync(join(folder, ".."), { recursive: true, force: true });
  };
}
